/*
 * figures - what the server counts, for stats()
 */
#include "managerd/server/figures.h"

#include <assert.h>

/* X(name, member) of the limits; times are reported in nanoseconds, as they are kept. */
#define FIGURES_LIMITS(X)                                                                          \
        X(max_memory, max_memory)                                                                  \
        X(max_frame, max_frame)                                                                    \
        X(max_depth, max_depth)                                                                    \
        X(max_queued, max_queued)                                                                  \
        X(max_buffered, max_buffered)                                                              \
        X(max_clients, max_clients)                                                                \
        X(max_unauthenticated, max_unauthenticated)                                                \
        X(max_unauthenticated_per_process, max_unauthenticated_per_process)                        \
        X(auth_timeout_ns, auth_timeout)                                                           \
        X(frame_timeout_ns, frame_timeout)                                                         \
        X(stall_timeout_ns, stall_timeout)

size_t figures_list(struct server_figure list[FIGURES_MAX], const struct figures *figures,
                    const struct limits *limits, const uint64_t *n_turns,
                    const uint64_t *longest_turn)
{
        const struct server_figure all[] = { { "turns", n_turns },
                                             { "longest_turn_ns", longest_turn },
#define FIGURES_ROW(name) { #name, &figures->name },
                                             FIGURES_LIST(FIGURES_ROW)
#undef FIGURES_ROW
#define FIGURES_ROW(name, member) { #name, &limits->member },
                                                     FIGURES_LIMITS(FIGURES_ROW)
#undef FIGURES_ROW
        };
        size_t n = sizeof(all) / sizeof(all[0]);

        static_assert(sizeof(all) / sizeof(all[0]) <= FIGURES_MAX, "FIGURES_MAX is too small");
        memcpy(list, all, sizeof(all));
        return n;
}
