/*
 * trial_stalls - whether one client's large dict makes another one wait
 *
 * A filler lets a dict grow to ten million entries, clears it, fills it again
 * and drops it. Meanwhile a prober, on its own connection, makes a small call
 * twice a millisecond and keeps what each took.
 *
 * A machine, a virtual one above all, has stalls of its own, at random; those
 * that come from what the daemon does with the dict come at the same entry every
 * time. So the whole is run several times, each with a fresh daemon, and the
 * longest wait is kept for each place: a batch of entries while the dict grows,
 * a sixteenth of the memory while it is freed; what counts is the smallest over
 * the runs, place by place, and of these the largest.
 *
 * What this cannot see is a stall of the daemon's that comes at random, too.
 * Therefore the plain numbers stand beside it, next to a control that runs in
 * the same seconds: the prober's calls to a bare echo server, which however has
 * no work of its own that the machine could interrupt.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
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

#define STALLS_RUNS    3
#define STALLS_ENTRIES 10000000u
#define STALLS_QUICK   200000u
#define STALLS_BATCH   250u
#define STALLS_STEPS   16u
#define STALLS_MOST_MS 5.0
#define STALLS_PAUSE   500000    /* nanoseconds between two probes */
#define STALLS_SLACK   (1 << 20) /* bytes: those who wait cost some, too */

enum phase {
        PHASE_GROW,
        PHASE_CLEAR,
        PHASE_REFILL,
        PHASE_DROP,
        PHASE_OVER,
};

static const char *const phase_names[] = { "growing", "cleared", "growing again", "dropped" };

/* How far a run is: a place for each batch of a phase that fills, some for each of the others. */
#define STALLS_PLACES (2 * (STALLS_ENTRIES / STALLS_BATCH + STALLS_STEPS))

/* What one of those who wait has seen; nanoseconds. */
struct waits {
        struct histogram latency;                               /* in all runs */
        uint64_t longest[STALLS_PLACES], common[STALLS_PLACES]; /* of any run; of every run */
        uint64_t current[STALLS_PLACES]; /* the longest in the run that is under way */
};

struct shared {
        atomic_uint place, n_ready;
        struct waits prober, control, filler;
};

struct stalls {
        struct managerd_server *server;
        struct shared *shared; /* with all children */
        unsigned n_batches;
        pid_t prober, control, echo;
        double seconds[PHASE_OVER]; /* of all runs */
        double stolen;              /* seconds, by the host of a virtual machine */
        long long turn[2];          /* nanoseconds: the longest of the best run, of any */
};

/* Where a phase begins. */
static unsigned stalls_place(const struct stalls *stalls, enum phase phase)
{
        unsigned n_fillings = (phase + 1) / 2;

        return n_fillings * stalls->n_batches + phase / 2 * STALLS_STEPS;
}

/* --- waits */

/* One counts wherever the run has been meanwhile. */
static void waits_add(struct waits *waits, unsigned from, unsigned to, uint64_t took)
{
        histogram_add(&waits->latency, took, 1);
        for (unsigned i = from; i <= to && i < STALLS_PLACES; ++i)
                if (took > waits->current[i])
                        waits->current[i] = took;
}

static void waits_end_run(struct waits *waits, bool is_first)
{
        for (unsigned i = 0; i < STALLS_PLACES; ++i) {
                uint64_t took = waits->current[i];

                if (is_first || took < waits->common[i])
                        waits->common[i] = took;
                if (took > waits->longest[i])
                        waits->longest[i] = took;
                waits->current[i] = 0;
        }
}

static unsigned largest_place(const uint64_t places[STALLS_PLACES], unsigned from, unsigned to)
{
        unsigned largest = from;

        for (unsigned i = from; i < to; ++i)
                if (places[i] > places[largest])
                        largest = i;
        return largest;
}

static double largest_ms(const uint64_t places[STALLS_PLACES], unsigned from, unsigned to)
{
        return (double)places[largest_place(places, from, to)] / 1e6;
}

/* --- those who wait */

/* One small call, or a negative number. */
typedef int probe_fn(void *data);

/*
 * A wait begins when the call is due, not when the machine lets us make it, and
 * belongs to all places since the last one ended: so none is left out. Nor does
 * it slip from one to the next between two runs: the neighbours have it, too.
 */
static int probe_until(const struct stalls *stalls, struct waits *waits, probe_fn *probe,
                       void *data)
{
        struct shared *shared = stalls->shared;
        unsigned over = stalls_place(stalls, PHASE_OVER), from, to;
        uint64_t end;

        if (probe(data) < 0) /* connects */
                return -1;
        end = clock_now();
        from = atomic_load(&shared->place);
        atomic_fetch_add(&shared->n_ready, 1);
        while (from < over) {
                uint64_t due = end + STALLS_PAUSE;
                struct timespec at = { (time_t)(due / 1000000000u), (long)(due % 1000000000u) };

                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
                if (probe(data) < 0)
                        return -1;
                end = clock_now();
                to = atomic_load(&shared->place);
                waits_add(waits, from ? from - 1 : 0, to + 1 < over ? to + 1 : over - 1, end - due);
                from = to;
        }
        return 0;
}

static int probe_daemon(void *data)
{
        const mgr_value key = mgr_str("key");
        const struct stalls *stalls = data;
        mgr_value value;
        int r = mgr_dict_get_value(stalls->server->dict, &key, &value);

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

static int stalls_fork(struct stalls *stalls)
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
                _exit(probe_until(stalls, &stalls->shared->control, probe_echo, &pair[0]) < 0);
        close(pair[0]);
        stalls->prober = child_fork();
        if (!stalls->prober)
                _exit(probe_until(stalls, &stalls->shared->prober, probe_daemon, stalls) < 0);
        return stalls->echo < 0 || stalls->control < 0 || stalls->prober < 0 ? -1 : 0;
}

/* Returns once both look, so that they see the run from its beginning. */
static int stalls_start(struct stalls *stalls)
{
        atomic_store(&stalls->shared->place, 0);
        atomic_store(&stalls->shared->n_ready, 0);
        if (stalls_fork(stalls) < 0)
                return -1;
        for (int i = 0; i < 5000; ++i) {
                if (atomic_load(&stalls->shared->n_ready) == 2)
                        return 0;
                pause_ms(1);
        }
        return -1;
}

/* Negative where one of them had not been able to go on. */
static int stalls_join(struct stalls *stalls)
{
        pid_t pids[] = { stalls->prober, stalls->control, stalls->echo };
        int r = 0;

        atomic_store(&stalls->shared->place, stalls_place(stalls, PHASE_OVER));
        for (unsigned i = 0; i < sizeof(pids) / sizeof(pids[0]); ++i) {
                int status = -1;

                if (pids[i] <= 0 || waitpid(pids[i], &status, 0) != pids[i] || status)
                        r = -1;
        }
        return r;
}

/* --- who lets it grow */

static int batch_fill(mgr_batch *batch, const mgr_dict *dict, unsigned n)
{
        int r = 0;

        for (unsigned i = n * STALLS_BATCH; r >= 0 && i < (n + 1) * STALLS_BATCH; ++i) {
                char text[2][24];
                mgr_value key = mgr_strn(text[0], (size_t)sprintf(text[0], "key:%08u", i));
                mgr_value value = mgr_strn(text[1], (size_t)sprintf(text[1], "value:%08u", i));

                r = mgr_batch_dict_set_value(batch, dict, &key, &value);
        }
        return r;
}

static int stalls_fill(struct stalls *stalls, mgr_dict *dict, unsigned place)
{
        mgr_batch *batch;
        int r = mgr_batch_new(stalls->server->manager, &batch);

        if (r < 0)
                return r;
        for (unsigned n = 0; r >= 0 && n < stalls->n_batches; ++n) {
                r = batch_fill(batch, dict, n);
                if (r >= 0) {
                        uint64_t begin = clock_now();

                        atomic_store(&stalls->shared->place, place + n);
                        r = mgr_batch_run(batch);
                        waits_add(&stalls->shared->filler, place + n, place + n,
                                  clock_now() - begin);
                }
                mgr_batch_clear(batch);
        }
        mgr_batch_free(batch);
        return r;
}

/* Until what was put aside is freed, in steps, the memory in use tells how far that is. */
static int stalls_settle(struct stalls *stalls, unsigned place, long long used, long long full)
{
        for (int i = 0; i < 20000; ++i) {
                long long now = managerd_figure(stalls->server, "memory_used"), step;

                if (now < 0)
                        return -1;
                if (now <= used + STALLS_SLACK)
                        return 0;
                step = now < full ? (full - now) * STALLS_STEPS / (full - used) : 0;
                atomic_store(&stalls->shared->place, place + (unsigned)step);
                pause_ms(1);
        }
        fputs("bench: managerd: memory of a dict is not freed\n", stderr);
        return -1;
}

static int stalls_empty(struct stalls *stalls, mgr_dict **dict, unsigned place, long long used)
{
        long long full = managerd_figure(stalls->server, "memory_used");
        uint64_t begin = clock_now();
        int r = 0;

        atomic_store(&stalls->shared->place, place);
        if (place == stalls_place(stalls, PHASE_CLEAR)) {
                r = mgr_dict_clear(*dict);
        } else {
                mgr_dict_free(*dict);
                *dict = NULL;
        }
        waits_add(&stalls->shared->filler, place, place, clock_now() - begin);
        return r < 0 ? r : stalls_settle(stalls, place, used, full);
}

static int stalls_phases(struct stalls *stalls)
{
        long long used = managerd_figure(stalls->server, "memory_used");
        mgr_dict *dict;
        int r = mgr_dict_new(stalls->server->manager, &dict);

        if (r < 0)
                return r;
        for (unsigned phase = PHASE_GROW; r >= 0 && phase < PHASE_OVER; ++phase) {
                unsigned place = stalls_place(stalls, (enum phase)phase);
                uint64_t begin = clock_now();

                if (phase == PHASE_GROW || phase == PHASE_REFILL)
                        r = stalls_fill(stalls, dict, place);
                else
                        r = stalls_empty(stalls, &dict, place, used);
                stalls->seconds[phase] += (double)(clock_now() - begin) / 1e9;
        }
        mgr_dict_free(dict);
        return r;
}

static int stalls_run(struct stalls *stalls)
{
        const mgr_value key = mgr_str("key"), value = mgr_str("value");
        long long turn;
        int r = mgr_dict_set_value(stalls->server->dict, &key, &value);

        if (r < 0)
                return r;
        r = stalls_start(stalls);
        /* made only now: a child would inherit a reference */
        if (r >= 0)
                r = stalls_phases(stalls);
        if (stalls_join(stalls) < 0)
                r = -1;
        turn = managerd_figure(stalls->server, "longest_turn_ns");
        if (!stalls->turn[0] || turn < stalls->turn[0])
                stalls->turn[0] = turn;
        if (turn > stalls->turn[1])
                stalls->turn[1] = turn;
        return r;
}

static int stalls_run_all(struct stalls *stalls, const char *directory)
{
        struct shared *shared = stalls->shared;
        int r = 0;

        stalls->stolen = -machine_stolen();
        for (unsigned i = 0; r >= 0 && i < STALLS_RUNS; ++i) {
                void *server;

                fprintf(stderr, "stalls: run %u of %u\n", i + 1, STALLS_RUNS);
                r = contender_managerd.start(directory, &server);
                if (r)
                        return -1;
                stalls->server = server;
                r = stalls_run(stalls);
                contender_managerd.stop(server);
                waits_end_run(&shared->prober, i == 0);
                waits_end_run(&shared->control, i == 0);
                waits_end_run(&shared->filler, i == 0);
        }
        stalls->stolen += machine_stolen();
        return r;
}

/* --- what they saw */

/* Where the longest was is told, too: one that is the daemon's is there the next time. */
static void stalls_tell_phases(const struct stalls *stalls, struct trial_rows *rows)
{
        const struct waits *prober = &stalls->shared->prober, *control = &stalls->shared->control;

        for (unsigned phase = PHASE_GROW; phase < PHASE_OVER; ++phase) {
                unsigned from = stalls_place(stalls, (enum phase)phase);
                unsigned to = stalls_place(stalls, (enum phase)(phase + 1));
                unsigned at = largest_place(prober->common, from, to);

                trial_tell(rows, largest_ms(prober->common, from, to), "ms",
                           "%s (%.1f s): in every run, at %.2f %%; any: %.2f; control: %.2f, %.2f",
                           phase_names[phase], stalls->seconds[phase] / STALLS_RUNS,
                           100.0 * (at - from) / (to - from), largest_ms(prober->longest, from, to),
                           largest_ms(control->common, from, to),
                           largest_ms(control->longest, from, to));
        }
}

static void stalls_tell(const struct stalls *stalls, struct trial_rows *rows)
{
        const struct shared *shared = stalls->shared;
        unsigned over = stalls_place(stalls, PHASE_OVER);

        stalls_tell_phases(stalls, rows);
        trial_tell(rows, largest_ms(shared->filler.common, 0, over), "ms",
                   "the filler's own calls (batches of %u), in every run; any: %.2f", STALLS_BATCH,
                   largest_ms(shared->filler.longest, 0, over));
        trial_tell(rows, (double)stalls->turn[0] / 1e6, "ms",
                   "longest turn, CPU time, of the best run; of any: %.2f",
                   (double)stalls->turn[1] / 1e6);
        trial_tell(rows, stalls->stolen * 1e3, "ms",
                   "stolen by the machine's host, which counts as CPU time of who ran");
        trial_tell(rows, histogram_quantile(&shared->prober.latency, 0.999) / 1e6, "ms",
                   "p99.9 of all waits; control: %.2f",
                   histogram_quantile(&shared->control.latency, 0.999) / 1e6);
        trial_tell(rows, largest_ms(shared->prober.longest, 0, over), "ms",
                   "longest wait of any run; control: %.2f",
                   largest_ms(shared->control.longest, 0, over));
        trial_demand(rows, largest_ms(shared->prober.common, 0, over), "ms", STALLS_MOST_MS,
                     "longest wait (what every run has in common), by %u entries; control: %.2f",
                     STALLS_BATCH, largest_ms(shared->control.common, 0, over));
}

int trial_stalls(const char *directory, bool quick, struct trial_rows *rows)
{
        struct stalls stalls = {
                .n_batches = (quick ? STALLS_QUICK : STALLS_ENTRIES) / STALLS_BATCH,
        };
        int r;

        stalls.shared = mmap(NULL, sizeof(*stalls.shared), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (stalls.shared == MAP_FAILED)
                return -1;
        r = stalls_run_all(&stalls, directory);
        if (r >= 0)
                stalls_tell(&stalls, rows);
        munmap(stalls.shared, sizeof(*stalls.shared));
        return r < 0 ? -1 : 0;
}
