/*
 * chaos - many workers share locks and queues, and one is killed every moment
 *
 *   chaos [SECONDS [WORKERS [MILLISECONDS]]]      (else CHAOS_SECONDS seconds, or 15)
 *
 * A real daemon, real processes; one of them is killed every so many
 * milliseconds, wherever it is, and replaced. In the end everybody else's work must be
 * whole: nothing stranded, nothing lost, nothing done twice, and nothing left behind in
 * the daemon.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/chaos/worker.h"

#define N_SHARED 8 /* proxies that are lent with every fork */

#define HUNT                                                                                       \
        UINT64_C(10000000) /* nanoseconds: how long a victim is looked for that holds something */

/* Seconds until the daemon has noticed the end of everybody. */
#define PATIENCE 10.0

struct chaos {
        struct shared shared;
        mgr_manager *m;
        unsigned n_workers;
        unsigned n_started;
        unsigned n_killed;
};

static void check(struct chaos *chaos, bool condition, const char *what)
{
        if (!condition)
                ledger_fail(chaos->shared.ledger, "in the end: %s (%s)", what, mgr_errmsg());
}

/* --- workers come and go */

static void start_worker(struct chaos *chaos, unsigned slot)
{
        struct slot *self = &chaos->shared.ledger->slots[slot];
        unsigned number = ++chaos->n_started;
        pid_t pid;

        for (size_t i = 0; i < N_PLACES; ++i)
                atomic_store(&self->inside[i], false);
        atomic_store(&self->number, number);
        atomic_store(&self->dying, false);
        pid = fork();
        if (pid == 0)
                _exit(worker_run(&chaos->shared, slot, number));
        if (pid < 0)
                ledger_fail(chaos->shared.ledger, "fork: %s", strerror(errno));
        atomic_store(&self->pid, pid);
}

static void kill_worker(struct chaos *chaos, unsigned slot)
{
        struct slot *self = &chaos->shared.ledger->slots[slot];
        pid_t pid = atomic_load(&self->pid);
        int status;

        atomic_store(&self->dying, true);
        ledger_note_death(chaos->shared.ledger, pid);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        ++chaos->n_killed;
}

/* What they are about to do takes a moment: nobody waits for ever. */
static void end_worker(struct chaos *chaos, unsigned slot)
{
        pid_t pid = atomic_load(&chaos->shared.ledger->slots[slot].pid);
        uint64_t deadline = ledger_now() + (uint64_t)(30 * 1e9);
        int status;

        while (waitpid(pid, &status, WNOHANG) == 0) {
                if (ledger_now() > deadline) {
                        ledger_fail(chaos->shared.ledger, "a worker hangs");
                        kill(pid, SIGKILL);
                        waitpid(pid, &status, 0);
                        return;
                }
                usleep(1000);
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                ledger_fail(chaos->shared.ledger, "a worker ended with status %#x", status);
}

/* Stopped, so that what it says of itself stays true. */
static bool stop_inside(struct chaos *chaos, unsigned slot, enum place place)
{
        struct slot *self = &chaos->shared.ledger->slots[slot];
        pid_t pid = atomic_load(&self->pid);
        int status;

        if (kill(pid, SIGSTOP) < 0 || waitpid(pid, &status, WUNTRACED) != pid ||
            !WIFSTOPPED(status)) {
                ledger_fail(chaos->shared.ledger, "a worker cannot be stopped");
                return true;
        }
        if (atomic_load(&self->inside[place]))
                return true;
        kill(pid, SIGCONT);
        return false;
}

/* Anybody; every other time somebody who holds something, if one can be caught. */
static unsigned choose_victim(struct chaos *chaos)
{
        enum place place = (enum place)(random() % N_PLACES);
        uint64_t until = random() % 2 ? ledger_now() + HUNT : 0;

        while (ledger_now() < until) {
                for (unsigned slot = 0; slot < chaos->n_workers; ++slot)
                        if (atomic_load(&chaos->shared.ledger->slots[slot].inside[place]) &&
                            stop_inside(chaos, slot, place))
                                return slot;
                sched_yield();
        }
        return (unsigned)(random() % chaos->n_workers);
}

static void run_workers(struct chaos *chaos, double seconds, double pause)
{
        struct ledger *ledger = chaos->shared.ledger;
        uint64_t end = ledger_now() + (uint64_t)(seconds * 1e9);
        struct timespec moment = { .tv_nsec = (long)(pause * 1e9) };

        for (unsigned slot = 0; slot < chaos->n_workers; ++slot)
                start_worker(chaos, slot);
        while (ledger_now() < end && !atomic_load(&ledger->stop)) {
                unsigned slot;

                nanosleep(&moment, NULL);
                slot = choose_victim(chaos);
                kill_worker(chaos, slot);
                start_worker(chaos, slot);
        }
        atomic_store(&ledger->stop, true);
        for (unsigned slot = 0; slot < chaos->n_workers; ++slot)
                end_worker(chaos, slot);
}

/* --- the end: what must be true */

static size_t listing_length(struct chaos *chaos, const char *call)
{
        mgr_value list;
        size_t n;

        if (mgr_manager_call(chaos->m, call, NULL, 0, &list) < 0)
                return SIZE_MAX;
        n = mgr_value_len(&list);
        mgr_value_clear(&list);
        return n;
}

/* Until the daemon has seen that everybody but us is gone. */
static void wait_until_alone(struct chaos *chaos)
{
        uint64_t deadline = ledger_now() + (uint64_t)(PATIENCE * 1e9);

        while (listing_length(chaos, "processes") != 1 && ledger_now() < deadline)
                usleep(1000);
        check(chaos, listing_length(chaos, "processes") == 1, "a dead process has references");
        check(chaos, listing_length(chaos, "sessions") == 1, "a dead session lives");
        check(chaos, listing_length(chaos, "waiters") == 0, "somebody waits still");
}

static void check_locks(struct chaos *chaos)
{
        const struct shared *s = &chaos->shared;

        check(chaos, mgr_lock_acquire(s->lock, 0, NULL) >= 0, "the lock is stranded");
        check(chaos, mgr_lock_release(s->lock) == 0, "the lock cannot be released");
        check(chaos, mgr_rlock_acquire(s->rlock, 0, NULL) >= 0, "the rlock is stranded");
        check(chaos, mgr_rlock_release(s->rlock) == 0, "the rlock cannot be released");
        check(chaos, mgr_condition_acquire(s->condition, 0, NULL) >= 0,
              "the condition is stranded");
        check(chaos, mgr_condition_release(s->condition) == 0, "the condition cannot be released");
        for (size_t i = 0; i < N_PERMITS; ++i)
                check(chaos, mgr_semaphore_acquire(s->semaphore, 0, NULL) >= 0,
                      "a permit is stranded");
        check(chaos, mgr_semaphore_acquire(s->semaphore, 0, NULL) == MGR_ETIMEOUT,
              "there are more permits than at first");
        check(chaos, mgr_semaphore_release(s->semaphore, N_PERMITS) == 0,
              "permits cannot be released");
        check(chaos, listing_length(chaos, "locks") == 0, "something is held by nobody");
}

static void drain_queue(struct chaos *chaos)
{
        struct ledger *ledger = chaos->shared.ledger;
        mgr_queue *queue = chaos->shared.queue;
        unsigned n_items = atomic_load(&ledger->n_items);
        long long item;

        while (mgr_queue_get(queue, 0, &item) == 0) {
                if (atomic_fetch_or(&ledger->items[item], MARK_TAKEN | MARK_FINISHED) &
                    MARK_FINISHED)
                        ledger_fail(ledger, "item %lld was there after it was finished", item);
                check(chaos, mgr_queue_task_done(queue) == 0, "task_done");
        }
        check(chaos, mgr_queue_join(queue, 0) == 0, "join does not end");
        for (unsigned i = 0; i < n_items && i < MAX_ITEMS; ++i) {
                unsigned char marks = atomic_load(&ledger->items[i]);

                if (marks & MARK_ACKNOWLEDGED && !(marks & MARK_TAKEN))
                        ledger_fail(ledger, "item %u was put, and never delivered", i);
        }
}

static void check_versions(struct chaos *chaos, enum place place, const char *key)
{
        struct ledger *ledger = chaos->shared.ledger;
        long long version;

        check(chaos, mgr_dict_get(chaos->shared.counters, key, &version) == 0, "get");
        for (long long i = 1; i <= version; ++i)
                if (!(atomic_load(&ledger->versions[place][i]) & MARK_BEGUN))
                        ledger_fail(ledger, "%s: nobody wrote version %lld", key, i);
        for (long long i = version + 1; i < MAX_VERSIONS; ++i)
                if (atomic_load(&ledger->versions[place][i]) & MARK_ACKNOWLEDGED)
                        ledger_fail(ledger, "%s: version %lld is lost", key, i);
        printf("  %-10s %lld times\n", key, version);
}

static int compare_times(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

/* The rule of the house: within 50 ms, 99 of 100 times; on a machine that is busy half of them. */
static void tell_takeovers(struct chaos *chaos)
{
        struct ledger *ledger = chaos->shared.ledger;
        size_t n = atomic_load(&ledger->n_takeovers);
        uint64_t p50, p99;

        if (n > MAX_TAKEOVERS)
                n = MAX_TAKEOVERS;
        if (n == 0) {
                ledger_fail(ledger, "nobody took anything over");
                return;
        }
        qsort(ledger->takeovers, n, sizeof(ledger->takeovers[0]), compare_times);
        p50 = ledger->takeovers[n / 2];
        p99 = ledger->takeovers[n * 99 / 100];
        printf("  %lu times somebody died with a lock; %zu had waited for it: p50 %.2f ms, p99 "
               "%.2f ms, longest %.2f ms\n",
               atomic_load(&ledger->n_inherited), n, (double)p50 / 1e6, (double)p99 / 1e6,
               (double)ledger->takeovers[n - 1] / 1e6);
        if (p50 > 50000000u || p99 > 1000000000u)
                ledger_fail(ledger, "takeovers take too long");
}

static void check_everything(struct chaos *chaos)
{
        static const char *const keys[] = { "lock", "rlock", "condition" };
        struct ledger *ledger = chaos->shared.ledger;
        unsigned long n_rounds = 0;

        wait_until_alone(chaos);
        check_locks(chaos);
        drain_queue(chaos);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i)
                check_versions(chaos, (enum place)i, keys[i]);
        for (unsigned i = 0; i < chaos->n_workers; ++i)
                n_rounds += atomic_load(&ledger->slots[i].n_rounds);
        printf("  %u killed of %u, %lu rounds, %u items, %lu barrier passes, %lu notified\n",
               chaos->n_killed, chaos->n_started, n_rounds, atomic_load(&ledger->n_items),
               atomic_load(&ledger->n_barriers), atomic_load(&ledger->n_notified));
        tell_takeovers(chaos);
}

/* --- the beginning */

static int make_shared(struct chaos *chaos)
{
        struct shared *s = &chaos->shared;
        const mgr_queue_options redeliver = { .size = sizeof(redeliver), .redeliver = true };

        s->ledger = ledger_new();
        return s->ledger && mgr_manager_start(&chaos->m, NULL) == 0 &&
                               mgr_dict_new(chaos->m, &s->counters) == 0 &&
                               mgr_dict_set(s->counters, "lock", 0) == 0 &&
                               mgr_dict_set(s->counters, "rlock", 0) == 0 &&
                               mgr_dict_set(s->counters, "condition", 0) == 0 &&
                               mgr_lock_new(chaos->m, &s->lock) == 0 &&
                               mgr_rlock_new(chaos->m, &s->rlock) == 0 &&
                               mgr_condition_new(chaos->m, NULL, &s->condition) == 0 &&
                               mgr_semaphore_new(chaos->m, N_PERMITS, &s->semaphore) == 0 &&
                               mgr_queue_new(chaos->m, 0, &redeliver, &s->queue) == 0 &&
                               mgr_event_new(chaos->m, &s->event) == 0 &&
                               mgr_barrier_new(chaos->m, N_PARTIES, &s->barrier) == 0
                       ? 0
                       : -1;
}

static long long find_count(const mgr_value *dict, const char *key)
{
        mgr_value name = mgr_str(key), count;

        return mgr_value_find(dict, &name, &count) == 0 ? count.as.integer : 0;
}

/* How many references there are, of whomever. */
static long long n_references(struct chaos *chaos)
{
        mgr_value list, object;
        long long n = 0;
        mgr_iter iter;

        if (mgr_manager_call(chaos->m, "objects", NULL, 0, &list) < 0)
                return -1;
        mgr_iter_init(&iter, &list);
        while (mgr_iter_next(&iter, &object)) {
                n += find_count(&object, "references");
        }
        mgr_value_clear(&list);
        return n;
}

/* Those of forks whose child was killed before it could claim them: a minute, and they end. */
static long long n_lent(struct chaos *chaos)
{
        mgr_value stats;
        long long n;

        if (mgr_manager_call(chaos->m, "stats", NULL, 0, &stats) < 0)
                return -1;
        n = find_count(&stats, "tickets") * N_SHARED;
        mgr_value_clear(&stats);
        return n;
}

static void free_shared(struct chaos *chaos)
{
        uint64_t deadline = ledger_now() + (uint64_t)(PATIENCE * 1e9);
        struct shared *s = &chaos->shared;

        mgr_dict_free(s->counters);
        mgr_lock_free(s->lock);
        mgr_rlock_free(s->rlock);
        mgr_condition_free(s->condition);
        mgr_semaphore_free(s->semaphore);
        mgr_queue_free(s->queue);
        mgr_event_free(s->event);
        mgr_barrier_free(s->barrier);
        while (n_references(chaos) != n_lent(chaos) && ledger_now() < deadline)
                usleep(1000);
        check(chaos, n_references(chaos) == n_lent(chaos), "references are left");
        mgr_manager_free(chaos->m);
}

int main(int argc, char **argv)
{
        const char *wanted = argc > 1 ? argv[1] : getenv("CHAOS_SECONDS");
        double seconds = wanted ? atof(wanted) : 15;
        struct chaos chaos = { .n_workers = argc > 2 ? (unsigned)atoi(argv[2]) : 32 };
        double pause = (argc > 3 ? atof(argv[3]) : 20) * 1e-3;

        if (chaos.n_workers < 1 || chaos.n_workers > MAX_WORKERS || !(pause < 1)) {
                fprintf(stderr, "usage: chaos [SECONDS [WORKERS [MILLISECONDS]]]\n");
                return 2;
        }
        setvbuf(stdout, NULL, _IOLBF, 0);
        if (make_shared(&chaos) < 0) {
                fprintf(stderr, "chaos: %s\n", mgr_errmsg());
                return 1;
        }
        srandom((unsigned)time(NULL));
        run_workers(&chaos, seconds, pause);
        if (!ledger_has_failed(chaos.shared.ledger))
                check_everything(&chaos);
        free_shared(&chaos);
        if (!ledger_has_failed(chaos.shared.ledger))
                return 0;
        fprintf(stderr, "chaos: %s\n", chaos.shared.ledger->failure);
        return 1;
}
