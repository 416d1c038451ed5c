/*
 * trial_stalls - whether one client's large dict makes another one wait
 *
 * A filler lets a dict grow to ten million entries, clears it, fills it again
 * and drops it. Meanwhile a prober, on its own connection, makes a small call
 * twice a millisecond and keeps what each took. The daemon's own evidence is the
 * CPU time of the longest turn of its loop.
 *
 * A machine, a virtual one above all, has stalls of its own. What it does to
 * programs without any daemon is told by two controls that run in the same
 * seconds: one makes the prober's calls to a bare echo server, the other one
 * takes and visits as much memory as a dict that grows as fast, and keeps the
 * longest CPU time of a few such steps.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/contender.h"
#include "tests/bench/managerd_client.h"
#include "tests/bench/run.h"
#include "tests/bench/trial.h"

#define STALLS_ENTRIES 10000000u
#define STALLS_QUICK   200000u
#define STALLS_MOST_MS 5.0
#define STALLS_BATCH   1000
#define STALLS_LINE    80 /* bytes of memory that an entry takes */
#define STALLS_VISITS  4
#define STALLS_STEPS   16
#define STALLS_PAUSE   500000 /* nanoseconds between two probes */
#define STALLS_IDLE_MS 1000
#define STALLS_SLACK   (1 << 20) /* bytes: those who wait cost some, too */

enum phase {
        PHASE_IDLE,
        PHASE_GROW,
        PHASE_CLEAR,
        PHASE_REFILL,
        PHASE_DROP,
        PHASE_OVER,
};

static const char *const phase_names[] = { "idle", "growing", "cleared", "growing again",
                                           "dropped" };

/* What one of those who wait has seen in a phase. */
struct waits {
        struct histogram latency;
        uint64_t longest;
};

struct shared {
        atomic_int phase;
        atomic_uint n_filled; /* entries, in this phase */
        struct waits daemon[PHASE_OVER], control[PHASE_OVER], memory[PHASE_OVER];
        double seconds[PHASE_OVER];
        double stolen; /* seconds, by the host of a virtual machine, in all phases */
        long long longest_turn[PHASE_OVER]; /* so far; nanoseconds */
};

struct stalls {
        struct managerd_server *server;
        struct shared *shared; /* with all children */
        unsigned n_entries;
        mgr_dict *small; /* whose only key the prober asks for */
        pid_t prober, control, echo, memory;
};

/* --- those who wait */

/* One small call, or a negative number. */
typedef int probe_fn(void *data);

static int probe_until_over(struct shared *shared, struct waits waits[PHASE_OVER], probe_fn *probe,
                            void *data)
{
        const struct timespec pause = { .tv_nsec = STALLS_PAUSE };

        for (;;) {
                int phase = atomic_load(&shared->phase);
                uint64_t begin, took;

                if (phase == PHASE_OVER)
                        return 0;
                begin = clock_now();
                if (probe(data) < 0)
                        return -1;
                took = clock_now() - begin;
                histogram_add(&waits[phase].latency, took, 1);
                if (took > waits[phase].longest)
                        waits[phase].longest = took;
                nanosleep(&pause, NULL);
        }
}

static int probe_daemon(void *data)
{
        const mgr_value key = mgr_str("key");
        const struct stalls *stalls = data;
        mgr_value value;
        int r = mgr_dict_get_value(stalls->small, &key, &value);

        if (r >= 0)
                mgr_value_clear(&value);
        return r;
}

static int probe_echo(void *data)
{
        const int *fd = data;
        char bytes[48] = "";

        if (write(*fd, bytes, sizeof(bytes)) != sizeof(bytes))
                return -1;
        return read(*fd, bytes, sizeof(bytes)) == sizeof(bytes) ? 0 : -1;
}

static int echo_main(int fd)
{
        char bytes[48];

        while (read(fd, bytes, sizeof(bytes)) == sizeof(bytes))
                if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes))
                        break;
        return EXIT_SUCCESS;
}

/* --- the control of memory */

struct line {
        struct line *other; /* an earlier one */
        char rest[STALLS_LINE - sizeof(struct line *)];
};

static uint64_t clock_cpu(void)
{
        struct timespec now;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What an insertion does to memory: a new line, and a few old ones, each known by the one before.
 */
static void lines_add(struct line *lines, unsigned n, struct draw *draw)
{
        struct line *at = n ? &lines[draw_next(draw) % n] : &lines[n];

        lines[n].other = at;
        for (int i = 0; at && i < STALLS_VISITS; ++i) {
                ++at->rest[0];
                at = at->other == at ? NULL : at->other;
        }
}

static int memory_main(const struct stalls *stalls)
{
        struct shared *shared = stalls->shared;
        size_t size = stalls->n_entries * sizeof(struct line);
        struct line *lines = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        unsigned n = 0;
        struct draw draw;
        int phase;

        if (lines == MAP_FAILED)
                return -1;
        draw_init(&draw, 0);
        while ((phase = atomic_load(&shared->phase)) != PHASE_OVER) {
                unsigned n_filled = atomic_load(&shared->n_filled);
                struct waits *waits = &shared->memory[phase];

                if (n > n_filled) {
                        madvise(lines, size, MADV_DONTNEED);
                        n = 0;
                }
                while (n < n_filled) {
                        uint64_t begin = clock_cpu(), took;

                        for (int i = 0; i < STALLS_STEPS && n < n_filled; ++i)
                                lines_add(lines, n++, &draw);
                        took = clock_cpu() - begin;
                        histogram_add(&waits->latency, took, 1);
                        if (took > waits->longest)
                                waits->longest = took;
                }
                pause_ms(1);
        }
        return 0;
}

static int stalls_start(struct stalls *stalls)
{
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                return -1;
        stalls->echo = child_fork();
        if (!stalls->echo) {
                close(pair[0]);
                _exit(echo_main(pair[1]));
        }
        close(pair[1]);
        stalls->control = child_fork();
        if (!stalls->control)
                _exit(probe_until_over(stalls->shared, stalls->shared->control, probe_echo,
                                       &pair[0]) < 0);
        close(pair[0]);
        stalls->prober = child_fork();
        if (!stalls->prober)
                _exit(probe_until_over(stalls->shared, stalls->shared->daemon, probe_daemon,
                                       stalls) < 0);
        stalls->memory = child_fork();
        if (!stalls->memory)
                _exit(memory_main(stalls) < 0);
        return stalls->echo < 0 || stalls->control < 0 || stalls->prober < 0 || stalls->memory < 0
                       ? -1
                       : 0;
}

/* Negative where one of them had not been able to go on. */
static int stalls_join(struct stalls *stalls)
{
        pid_t pids[] = { stalls->prober, stalls->control, stalls->echo, stalls->memory };
        int r = 0;

        atomic_store(&stalls->shared->phase, PHASE_OVER);
        for (unsigned i = 0; i < sizeof(pids) / sizeof(pids[0]); ++i) {
                int status = -1;

                if (pids[i] <= 0 || waitpid(pids[i], &status, 0) != pids[i] || status)
                        r = -1;
        }
        return r;
}

/* --- who lets it grow */

static int stalls_fill(struct stalls *stalls, mgr_dict *dict)
{
        mgr_batch *batch;
        int r;

        r = mgr_batch_new(stalls->server->manager, &batch);
        if (r < 0)
                return r;
        for (unsigned n = 0; r >= 0 && n < stalls->n_entries; ++n) {
                char text[2][24];
                mgr_value key = mgr_strn(text[0], (size_t)sprintf(text[0], "key:%08u", n));
                mgr_value value = mgr_strn(text[1], (size_t)sprintf(text[1], "value:%08u", n));

                r = mgr_batch_dict_set_value(batch, dict, &key, &value);
                if (r >= 0 && (n + 1) % STALLS_BATCH == 0) {
                        r = mgr_batch_run(batch);
                        mgr_batch_clear(batch);
                        atomic_store(&stalls->shared->n_filled, n + 1);
                }
        }
        mgr_batch_free(batch);
        return r;
}

static void stalls_end_phase(struct stalls *stalls, enum phase phase, uint64_t begin)
{
        stalls->shared->seconds[phase] = (double)(clock_now() - begin) / 1e9;
        stalls->shared->longest_turn[phase] = managerd_figure(stalls->server, "longest_turn_ns");
}

static int stalls_phase(struct stalls *stalls, enum phase phase, mgr_dict **dict, long long used)
{
        uint64_t begin = clock_now();
        int r = 0;

        atomic_store(&stalls->shared->n_filled, 0);
        atomic_store(&stalls->shared->phase, phase);
        switch (phase) {
        case PHASE_IDLE:
                pause_ms(STALLS_IDLE_MS);
                break;
        case PHASE_GROW:
        case PHASE_REFILL:
                r = stalls_fill(stalls, *dict);
                break;
        case PHASE_CLEAR:
                r = mgr_dict_clear(*dict);
                break;
        case PHASE_DROP:
                mgr_dict_free(*dict);
                *dict = NULL;
                break;
        case PHASE_OVER:
                break;
        }
        if (r >= 0 && (phase == PHASE_CLEAR || phase == PHASE_DROP) &&
            !managerd_settles(stalls->server, used + STALLS_SLACK))
                r = -1;
        stalls_end_phase(stalls, phase, begin);
        return r;
}

static int stalls_make(struct stalls *stalls)
{
        long long used = managerd_figure(stalls->server, "memory_used");
        mgr_dict *dict = NULL;
        int r;

        stalls->shared->stolen = -machine_stolen();
        r = stalls_start(stalls);
        /* only now: a child would inherit a reference */
        if (r >= 0)
                r = mgr_dict_new(stalls->server->manager, &dict);
        for (int phase = PHASE_IDLE; r >= 0 && phase < PHASE_OVER; ++phase)
                r = stalls_phase(stalls, (enum phase)phase, &dict, used);
        if (stalls_join(stalls) < 0)
                r = -1;
        stalls->shared->stolen += machine_stolen();
        mgr_dict_free(dict);
        return r;
}

/* --- what they saw */

static double longest_ms(const struct waits waits[PHASE_OVER])
{
        uint64_t longest = 0;

        for (int i = 0; i < PHASE_OVER; ++i)
                if (waits[i].longest > longest)
                        longest = waits[i].longest;
        return (double)longest / 1e6;
}

static double at_least(double ms)
{
        return ms > STALLS_MOST_MS ? ms : STALLS_MOST_MS;
}

static void stalls_tell(const struct shared *shared, struct trial_rows *rows)
{
        for (int i = 0; i < PHASE_OVER; ++i) {
                const struct waits *ours = &shared->daemon[i], *control = &shared->control[i];

                trial_tell(rows, (double)ours->longest / 1e6, "ms",
                           "%s (%.1f s), longest wait; p99.9: %.2f; control: %.2f, p99.9: %.2f",
                           phase_names[i], shared->seconds[i],
                           histogram_quantile(&ours->latency, 0.999) / 1e6,
                           (double)control->longest / 1e6,
                           histogram_quantile(&control->latency, 0.999) / 1e6);
        }
        trial_tell(rows, shared->stolen * 1e3, "ms",
                   "stolen by the machine's host, which counts as CPU time of who ran");
        trial_demand(rows, longest_ms(shared->daemon), "ms", at_least(longest_ms(shared->control)),
                     "longest wait; bound: 5 ms, or what the control waited");
        trial_demand(rows, (double)shared->longest_turn[PHASE_DROP] / 1e6, "ms",
                     at_least(longest_ms(shared->memory)),
                     "longest turn, CPU time; bound: 5 ms, or what the control of memory took");
}

int trial_stalls(const char *directory, bool quick, struct trial_rows *rows)
{
        const mgr_value key = mgr_str("key"), value = mgr_str("value");
        struct stalls stalls = { .n_entries = quick ? STALLS_QUICK : STALLS_ENTRIES };
        void *server;
        int r;

        stalls.shared = mmap(NULL, sizeof(*stalls.shared), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (stalls.shared == MAP_FAILED)
                return -1;
        r = contender_managerd.start(directory, &server);
        if (r == 0) {
                stalls.server = server;
                stalls.small = stalls.server->dict;
                r = mgr_dict_set_value(stalls.small, &key, &value);
                if (r >= 0)
                        r = stalls_make(&stalls);
                if (r >= 0)
                        stalls_tell(stalls.shared, rows);
                contender_managerd.stop(server);
        }
        munmap(stalls.shared, sizeof(*stalls.shared));
        return r < 0 ? -1 : 0;
}
