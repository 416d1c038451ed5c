/*
 * figures - what the server counts, for stats()
 *
 * One list makes the struct, and the table of names that the engine reports.
 */
#pragma once

#include "managerd/engine/engine.h"
#include "managerd/server/limits.h"

/* X(name): a counter that only grows, but for those that say "now",
   and the facts of struct sandbox and of descriptors.h. */
#define FIGURES_LIST(X)                                                                            \
        X(connections_accepted)                                                                    \
        X(connections_now)                                                                         \
        X(unauthenticated_now)                                                                     \
        X(processes_now)                                                                           \
        X(descriptors_allowed)                                                                     \
        X(descriptors_own)                                                                         \
        X(descriptors_now)                                                                         \
        X(authenticated)                                                                           \
        X(authentication_failed)                                                                   \
        X(authentication_timed_out)                                                                \
        X(refused_uid)                                                                             \
        X(refused_clients)                                                                         \
        X(refused_unauthenticated_per_process)                                                     \
        X(refused_descriptors)                                                                     \
        X(refused_other)                                                                           \
        X(accepting_paused)                                                                        \
        X(malformed_requests)                                                                      \
        X(refused_depth)                                                                           \
        X(closed_frame_too_large)                                                                  \
        X(closed_frame_timed_out)                                                                  \
        X(closed_stalled)                                                                          \
        X(closed_out_of_memory)                                                                    \
        X(closed_fullest)                                                                          \
        X(buffered_now)                                                                            \
        X(reading_paused_replies)                                                                  \
        X(reading_paused_backlog)                                                                  \
        X(bytes_in)                                                                                \
        X(bytes_out)                                                                               \
        X(sandbox_seccomp)                                                                         \
        X(sandbox_landlock)

struct figures {
#define FIGURES_MEMBER(name) uint64_t name;
        FIGURES_LIST(FIGURES_MEMBER)
#undef FIGURES_MEMBER
};

#define FIGURES_MAX 48

/* All that stats() tells about the server: the figures and the limits. Returns how many. */
size_t figures_list(struct server_figure list[FIGURES_MAX], const struct figures *figures,
                    const struct limits *limits, const uint64_t *n_turns,
                    const uint64_t *longest_turn);
