/*
 * test_locks - locks and Conditions between real processes, some of which are killed
 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/client.h"

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- workers */

struct worker {
        pid_t pid;
        int says, hears; /* pipes, by a byte at a time */
};

/* In the worker: where it has got to, and the word to go on. */
static int worker_says, worker_hears;

static void say(char word)
{
        if (write(worker_says, &word, 1) != 1)
                _exit(98);
}

static char hear(void)
{
        char word;

        return read(worker_hears, &word, 1) == 1 ? word : 0;
}

/* Ends with what `work` returns. */
static struct worker start_worker(int (*work)(void *arg), void *arg)
{
        struct worker worker;
        int up[2], down[2];

        assert_int_equal(pipe(up) | pipe(down), 0);
        worker.pid = fork();
        assert_true(worker.pid >= 0);
        if (worker.pid == 0) {
                close(up[0]);
                close(down[1]);
                worker_says = up[1];
                worker_hears = down[0];
                _exit(work(arg));
        }
        close(up[1]);
        close(down[0]);
        worker.says = up[0];
        worker.hears = down[1];
        return worker;
}

#define assert_worker_says(worker, word) assert_int_equal(hear_worker(worker), word)
static char hear_worker(const struct worker *worker)
{
        char word;

        return read(worker->says, &word, 1) == 1 ? word : 0;
}

static void tell_worker(const struct worker *worker)
{
        assert_int_equal(write(worker->hears, "g", 1), 1);
}

static int end_worker(struct worker *worker)
{
        int status;

        assert_int_equal(waitpid(worker->pid, &status, 0), worker->pid);
        close(worker->says);
        close(worker->hears);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void kill_worker(struct worker *worker)
{
        kill(worker->pid, SIGKILL);
        assert_int_equal(end_worker(worker), -SIGKILL);
}

/* Whoever is to wait does: the daemon has so many calls parked. */
static void await_parked(mgr_manager *of, int64_t n)
{
        double begin = now();

        for (;;) {
                mgr_value stats, key = mgr_str("calls_parked"), parked;

                assert_done(mgr_manager_call(of, "stats", NULL, 0, &stats));
                assert_done(mgr_value_find(&stats, &key, &parked));
                mgr_value_clear(&stats);
                if (parked.as.integer == n)
                        return;
                assert_true(now() - begin < 20);
        }
}

/* --- dying */

/* Any of the three, by what they have in common. */
struct any {
        mgr_lock *lock;
        mgr_rlock *rlock;
        mgr_condition *condition;
};

static int any_acquire(const struct any *any, double timeout, mgr_grant *grant)
{
        if (any->lock)
                return mgr_lock_acquire(any->lock, timeout, grant);
        if (any->rlock)
                return mgr_rlock_acquire(any->rlock, timeout, grant);
        return mgr_condition_acquire(any->condition, timeout, grant);
}

static int any_release(const struct any *any)
{
        if (any->lock)
                return mgr_lock_release(any->lock);
        return any->rlock ? mgr_rlock_release(any->rlock) : mgr_condition_release(any->condition);
}

static int hold_for_ever(void *arg)
{
        if (any_acquire(arg, MGR_FOREVER, NULL) != 0)
                return 1;
        say('h');
        hear();
        return 2;
}

static void free_any(struct any *any)
{
        mgr_lock_free(any->lock);
        mgr_rlock_free(any->rlock);
        mgr_condition_free(any->condition);
}

static void is_taken_over_from_who_was_killed(struct any *any)
{
        mgr_grant first = { 0 }, second = { 0 };
        struct worker worker;

        assert_done(any_acquire(any, 5, &first));
        assert_done(any_release(any));
        worker = start_worker(hold_for_ever, any);
        assert_worker_says(&worker, 'h');
        assert_error(any_acquire(any, 0, &second), MGR_ETIMEOUT,
                     "the lock was not free for 0 seconds");
        assert_int_equal(second.fence, 0);
        kill_worker(&worker);
        assert_int_equal(any_acquire(any, MGR_FOREVER, &second), MGR_OWNER_DIED);
        assert_int_equal(second.dead_pid, worker.pid);
        assert_true(second.fence > first.fence + 1);
        assert_done(any_release(any));
        assert_done(any_acquire(any, 0, &second));
        assert_int_equal(second.dead_pid, 0);
        assert_done(any_release(any));
        free_any(any);
}

static void lock_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        is_taken_over_from_who_was_killed(&any);
}

static void rlock_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_rlock_new(m, &any.rlock));
        is_taken_over_from_who_was_killed(&any);
}

static void condition_is_taken_over_from_who_was_killed(void **state)
{
        struct any any = { NULL, NULL, NULL };

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &any.condition));
        is_taken_over_from_who_was_killed(&any);
}

static int take_over(void *arg)
{
        mgr_grant grant;
        pid_t dead = *(pid_t *)((void **)arg)[1];

        say('w');
        if (mgr_lock_acquire(((void **)arg)[0], MGR_FOREVER, &grant) != MGR_OWNER_DIED)
                return 1;
        if (grant.dead_pid != dead)
                return 2;
        say('h');
        hear();
        return 3;
}

/* Each of many waits, gets the lock from the one who was killed before, and is killed. */
static void whoever_waits_has_it_at_once(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker holder;
        double slowest = 0;

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        holder = start_worker(hold_for_ever, &any);
        assert_worker_says(&holder, 'h');
        for (unsigned i = 0; i < 10; ++i) {
                pid_t dead = holder.pid;
                void *arg[] = { any.lock, &dead };
                struct worker next = start_worker(take_over, arg);
                double begin;

                assert_worker_says(&next, 'w');
                await_parked(m, 1);
                begin = now();
                kill_worker(&holder);
                assert_worker_says(&next, 'h');
                if (now() - begin > slowest)
                        slowest = now() - begin;
                holder = next;
        }
        print_message("taken over within %.1f ms\n", slowest * 1e3);
        assert_true(slowest < 1);
        kill_worker(&holder);
        assert_int_equal(mgr_lock_acquire(any.lock, 5, NULL), MGR_OWNER_DIED);
        assert_done(mgr_lock_release(any.lock));
        free_any(&any);
}

static int hold_and_exit(void *arg)
{
        return any_acquire(arg, MGR_FOREVER, NULL) ? 1 : 0;
}

/* What programs for Python's Manager() do. */
static void child_acquires_and_exits_and_the_parent_releases(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker worker;
        mgr_holder holder = { 0 };
        double begin = now();

        (void)state;
        assert_done(mgr_lock_new(m, &any.lock));
        worker = start_worker(hold_and_exit, &any);
        assert_int_equal(end_worker(&worker), 0);
        do {
                assert_yes(mgr_lock_holder(any.lock, &holder));
                assert_int_equal(holder.pid, worker.pid);
                assert_true(now() - begin < 20);
        } while (!holder.abandoned);
        assert_yes(mgr_lock_locked(any.lock));
        assert_done(mgr_lock_release(any.lock));
        assert_int_equal(mgr_lock_holder(any.lock, &holder), 0);
        assert_int_equal(mgr_lock_locked(any.lock), 0);
        assert_error(mgr_lock_release(any.lock), MGR_ERUNTIME,
                     "RuntimeError: release unlocked lock");
        free_any(&any);
}

static int hold_nothing(void *arg)
{
        const struct any *any = arg;

        /* it is the parent's, and this is no loss of ours */
        if (mgr_manager_ping(m) < 0)
                return 1;
        if (mgr_rlock_release(any->rlock) != MGR_ERUNTIME)
                return 2;
        if (mgr_rlock_acquire(any->rlock, 0, NULL) != MGR_ETIMEOUT)
                return 3;
        return 0;
}

static void locks_are_not_inherited(void **state)
{
        struct any any = { NULL, NULL, NULL };
        struct worker worker;
        uint64_t fence;

        (void)state;
        assert_done(mgr_rlock_new(m, &any.rlock));
        assert_done(mgr_rlock_acquire(any.rlock, 1, NULL));
        assert_done(mgr_rlock_acquire(any.rlock, 1, NULL));
        worker = start_worker(hold_nothing, &any);
        assert_int_equal(end_worker(&worker), 0);
        assert_done(mgr_rlock_fence(any.rlock, &fence));
        assert_done(mgr_rlock_release(any.rlock));
        assert_done(mgr_rlock_release(any.rlock));
        assert_error(mgr_rlock_release(any.rlock), MGR_ERUNTIME,
                     "RuntimeError: cannot release un-acquired lock");
        free_any(&any);
}

/* --- deadlock */

struct pair {
        mgr_lock *first;
        mgr_rlock *second;
};

static int take_second_then_first(void *arg)
{
        struct pair *pair = arg;

        if (mgr_rlock_acquire(pair->second, MGR_FOREVER, NULL) != 0)
                return 1;
        say('h');
        hear();
        return mgr_lock_acquire(pair->first, MGR_FOREVER, NULL) == 0 ? 0 : 2;
}

static void deadlock_is_an_error_for_one_and_the_other_has_its_lock(void **state)
{
        struct worker worker;
        struct pair pair;
        double begin, took;

        (void)state;
        assert_done(mgr_lock_new(m, &pair.first));
        assert_done(mgr_rlock_new(m, &pair.second));
        assert_done(mgr_lock_acquire(pair.first, MGR_FOREVER, NULL));
        worker = start_worker(take_second_then_first, &pair);
        assert_worker_says(&worker, 'h');
        tell_worker(&worker);
        await_parked(m, 1);
        begin = now();
        assert_int_equal(mgr_rlock_acquire(pair.second, MGR_FOREVER, NULL), MGR_EDEADLOCK);
        took = now() - begin;
        print_message("told in %.2f ms: %s\n", took * 1e3, mgr_errmsg());
        assert_true(took < 0.25);
        assert_non_null(strstr(mgr_errmsg(), "DeadlockError: deadlock: pid "));
        assert_non_null(strstr(mgr_errmsg(), ", which waits for Lock 0x"));
        assert_done(mgr_lock_release(pair.first));
        assert_int_equal(end_worker(&worker), 0);
        mgr_lock_free(pair.first);
        mgr_rlock_free(pair.second);
}

static void deadlock_is_not_told_where_that_was_chosen(void **state)
{
        struct worker worker;
        struct pair pair;

        (void)state;
        assert_int_equal(mgr_lock_new_flags(m, 1u << 7, &pair.first), MGR_EARGUMENT);
        assert_done(mgr_lock_new_flags(m, MGR_NO_DEADLOCK, &pair.first));
        assert_done(mgr_rlock_new(m, &pair.second));
        assert_done(mgr_lock_acquire(pair.first, MGR_FOREVER, NULL));
        worker = start_worker(take_second_then_first, &pair);
        assert_worker_says(&worker, 'h');
        tell_worker(&worker);
        await_parked(m, 1);
        assert_int_equal(mgr_rlock_acquire(pair.second, 0.05, NULL), MGR_ETIMEOUT);
        assert_done(mgr_lock_release(pair.first));
        assert_int_equal(end_worker(&worker), 0);
        mgr_lock_free(pair.first);
        mgr_rlock_free(pair.second);
}

/* --- a session that is lost */

/* Cuts this process's connections to the daemon. */
static unsigned cut_connections(void)
{
        DIR *directory = opendir("/proc/self/fd");
        struct dirent *entry;
        unsigned n = 0;

        assert_non_null(directory);
        while ((entry = readdir(directory))) {
                struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
                socklen_t size = sizeof(peer);
                int fd = atoi(entry->d_name);

                if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
                    peer.sun_family == AF_UNIX &&
                    strcmp(peer.sun_path, mgr_manager_address(m)) == 0)
                        n += shutdown(fd, SHUT_RDWR) == 0;
        }
        closedir(directory);
        return n;
}

static void who_loses_its_session_with_locks_is_told_once(void **state)
{
        mgr_lock *lock;
        mgr_rlock *rlock;
        mgr_condition *c;
        mgr_grant grant;

        (void)state;
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_rlock_new(m, &rlock));
        assert_done(mgr_condition_new(m, mgr_rlock_proxy(rlock), &c));
        assert_done(mgr_lock_acquire(lock, 1, NULL));
        assert_done(mgr_rlock_acquire(rlock, 1, NULL));
        assert_done(mgr_condition_acquire(c, 1, NULL));
        assert_true(cut_connections() > 0);
        assert_error(mgr_manager_ping(m), MGR_EOWNER_LOST,
                     "2 locks of this thread were lost with its connection");
        assert_done(mgr_manager_ping(m));
        assert_int_equal(mgr_rlock_release(rlock), MGR_ERUNTIME);
        assert_int_equal(mgr_lock_acquire(lock, 5, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, getpid());
        assert_int_equal(mgr_condition_acquire(c, 5, &grant), MGR_OWNER_DIED);
        assert_done(mgr_condition_release(c));
        /* what was given back, and through whatever proxy, is no loss */
        assert_done(mgr_rlock_acquire(rlock, 5, NULL));
        assert_done(mgr_condition_release(c));
        assert_done(mgr_lock_release(lock));
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_condition_free(c);
        mgr_lock_free(lock);
        mgr_rlock_free(rlock);
}

/* A write is not repeated, but what comes next is told. */
static void a_write_that_meets_the_loss_is_not_made_before_that_was_told(void **state)
{
        mgr_dict *d = new_dict();
        mgr_lock *lock;

        (void)state;
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_lock_acquire(lock, 1, NULL));
        cut_connections();
        assert_error(mgr_dict_set(d, "a", 1), MGR_EOWNER_LOST,
                     "1 lock of this thread was lost with its connection");
        assert_dict(d, "{}");
        mgr_lock_free(lock);
        mgr_dict_free(d);
}

struct helper {
        mgr_lock *lock;
        mgr_condition *condition;
        int result;
};

static void *release_in_thread(void *arg)
{
        struct helper *helper = arg;

        helper->result = mgr_lock_release(helper->lock);
        return NULL;
}

static void *take_and_release_in_thread(void *arg)
{
        struct helper *helper = arg;

        helper->result = mgr_lock_acquire(helper->lock, 5, NULL);
        if (helper->result == 0)
                helper->result = mgr_lock_release(helper->lock);
        return NULL;
}

static void *notify_in_thread(void *arg)
{
        struct helper *helper = arg;

        helper->result = mgr_condition_acquire(helper->condition, 5, NULL);
        if (helper->result == 0)
                helper->result = mgr_condition_notify_all(helper->condition);
        if (helper->result == 0)
                helper->result = mgr_condition_release(helper->condition);
        return NULL;
}

static void run_in_thread(void *(*run)(void *arg), struct helper *helper)
{
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, run, helper), 0);
        pthread_join(thread, NULL);
        assert_done(helper->result);
}

static int release(void *arg)
{
        return mgr_lock_release(arg) == 0 ? 0 : 1;
}

static void lock_that_another_thread_released_is_no_loss(void **state)
{
        struct helper helper = { NULL, NULL, -1 };
        struct worker worker;

        (void)state;
        assert_done(mgr_lock_new(m, &helper.lock));
        assert_done(mgr_lock_acquire(helper.lock, 1, NULL));
        run_in_thread(release_in_thread, &helper);
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        /* released by a stranger: seen when the process has it again */
        assert_done(mgr_lock_acquire(helper.lock, 1, NULL));
        worker = start_worker(release, helper.lock);
        assert_int_equal(end_worker(&worker), 0);
        run_in_thread(take_and_release_in_thread, &helper);
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_lock_free(helper.lock);
}

static void lock_that_came_back_from_a_wait_is_lost_with_the_session(void **state)
{
        struct helper helper = { NULL, NULL, -1 };
        pthread_t thread;

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &helper.condition));
        assert_done(mgr_condition_acquire(helper.condition, 1, NULL));
        assert_int_equal(pthread_create(&thread, NULL, notify_in_thread, &helper), 0);
        assert_done(mgr_condition_wait(helper.condition, 10, NULL));
        pthread_join(thread, NULL);
        assert_done(helper.result);
        assert_int_equal(mgr_condition_wait(helper.condition, 0, NULL), MGR_ETIMEOUT);
        assert_true(cut_connections() > 0);
        assert_int_equal(mgr_condition_locked(helper.condition), MGR_EOWNER_LOST);
        assert_int_equal(mgr_condition_wait(helper.condition, 0, NULL), MGR_ERUNTIME);
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_condition_free(helper.condition);
}

/* --- signals */

static void on_signal(int number)
{
        (void)number;
}

struct interruption {
        mgr_manager *of;
        pthread_t thread, by;
        atomic_bool over;
};

/* A signal counts when it finds the thread asleep: again, until it has. */
static void *interrupt(void *arg)
{
        struct interruption *interruption = arg;

        await_parked(interruption->of, 1);
        while (!atomic_load(&interruption->over)) {
                pthread_kill(interruption->thread, SIGUSR1);
                usleep(1000);
        }
        return NULL;
}

static void begin_interruption(struct interruption *interruption)
{
        atomic_store(&interruption->over, false);
        interruption->thread = pthread_self();
        assert_int_equal(pthread_create(&interruption->by, NULL, interrupt, interruption), 0);
}

static void end_interruption(struct interruption *interruption)
{
        atomic_store(&interruption->over, true);
        pthread_join(interruption->by, NULL);
}

static void a_signal_ends_a_wait_where_that_was_chosen(void **state)
{
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
        struct any any = { NULL, NULL, NULL };
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *interruptible;
        struct interruption interruption;
        struct worker worker;
        mgr_condition *c;

        (void)state;
        options.flags = MGR_INTERRUPTIBLE;
        assert_done(mgr_manager_start(&interruptible, &options));
        interruption.of = interruptible;
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        assert_done(mgr_lock_new(interruptible, &any.lock));
        worker = start_worker(hold_for_ever, &any);
        assert_worker_says(&worker, 'h');
        begin_interruption(&interruption);
        assert_int_equal(mgr_lock_acquire(any.lock, MGR_FOREVER, NULL), MGR_EINTERRUPTED);
        end_interruption(&interruption);
        kill_worker(&worker);
        assert_int_equal(mgr_lock_acquire(any.lock, 5, NULL), MGR_OWNER_DIED);
        assert_done(mgr_lock_release(any.lock));

        /* a wait that is interrupted has the lock all the same */
        assert_done(mgr_condition_new(interruptible, mgr_lock_proxy(any.lock), &c));
        assert_done(mgr_condition_acquire(c, 1, NULL));
        begin_interruption(&interruption);
        assert_int_equal(mgr_condition_wait(c, MGR_FOREVER, NULL), MGR_EINTERRUPTED);
        end_interruption(&interruption);
        assert_int_equal(mgr_lock_acquire(any.lock, 0, NULL), MGR_ETIMEOUT);
        assert_done(mgr_condition_release(c));
        assert_done(mgr_lock_acquire(any.lock, 1, NULL));
        mgr_condition_free(c);
        free_any(&any);
        mgr_manager_free(interruptible);
}

/* --- Condition */

struct store {
        mgr_condition *condition;
        mgr_list *goods;
};

static int has_goods(void *arg)
{
        struct store *store = arg;
        size_t n;
        int r = mgr_list_len(store->goods, &n);

        return r < 0 ? r : n > 0;
}

static int consume(void *arg)
{
        struct store *store = arg;
        int64_t sum = 0;

        for (;;) {
                mgr_value value;

                if (mgr_condition_acquire(store->condition, MGR_FOREVER, NULL) < 0 ||
                    mgr_condition_wait_for(store->condition, has_goods, store, MGR_FOREVER, NULL) <
                            0 ||
                    mgr_list_pop(store->goods, 0, &value) < 0 ||
                    mgr_condition_release(store->condition) < 0)
                        return 99;
                if (value.as.integer < 0)
                        return (int)sum;
                sum += value.as.integer;
        }
}

static void put(struct store *store, int good)
{
        assert_done(mgr_condition_acquire(store->condition, MGR_FOREVER, NULL));
        assert_done(mgr_list_append(store->goods, good));
        assert_done(mgr_condition_notify(store->condition, 1));
        assert_done(mgr_condition_release(store->condition));
}

static void condition_brings_together_those_who_put_and_those_who_take(void **state)
{
        struct worker workers[3];
        struct store store;
        int sum = 0;

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &store.condition));
        assert_done(mgr_list_new(m, &store.goods));
        for (int i = 0; i < 3; ++i)
                workers[i] = start_worker(consume, &store);
        for (int i = 0; i < 30; ++i)
                put(&store, i % 3);
        for (int i = 0; i < 3; ++i)
                put(&store, -1);
        for (int i = 0; i < 3; ++i)
                sum += end_worker(&workers[i]);
        assert_int_equal(sum, 30);
        mgr_condition_free(store.condition);
        mgr_list_free(store.goods);
}

/* The one that stands first is notified, and killed before it can have the lock. */
static void who_was_notified_and_killed_passes_it_on(void **state)
{
        struct worker first, second;
        struct store store;

        (void)state;
        assert_done(mgr_condition_new(m, NULL, &store.condition));
        assert_done(mgr_list_new(m, &store.goods));
        first = start_worker(consume, &store);
        await_parked(m, 1);
        second = start_worker(consume, &store);
        await_parked(m, 2);
        assert_done(mgr_condition_acquire(store.condition, MGR_FOREVER, NULL));
        assert_done(mgr_list_append(store.goods, -1));
        assert_done(mgr_condition_notify(store.condition, 1));
        kill_worker(&first);
        await_parked(m, 1);
        assert_done(mgr_condition_release(store.condition));
        assert_int_equal(end_worker(&second), 0);
        mgr_condition_free(store.condition);
        mgr_list_free(store.goods);
}

static void condition_returns_with_the_lock(void **state)
{
        mgr_condition *c, *same;
        mgr_rlock *rlock;
        mgr_proxy *lock;
        mgr_value value;
        mgr_grant grant = { 0 };

        (void)state;
        assert_done(mgr_rlock_new(m, &rlock));
        assert_done(mgr_condition_new(m, mgr_rlock_proxy(rlock), &c));
        assert_error(mgr_condition_wait(c, 1, NULL), MGR_ERUNTIME,
                     "RuntimeError: cannot wait on un-acquired lock");
        assert_error(mgr_condition_notify(c, 1), MGR_ERUNTIME,
                     "RuntimeError: cannot notify on un-acquired lock");
        assert_done(mgr_condition_acquire(c, 1, NULL));
        assert_error(mgr_condition_wait(c, 0.01, &grant), MGR_ETIMEOUT,
                     "nobody notified for 0.01 seconds");
        assert_true(grant.fence > 0);
        assert_error(mgr_condition_wait(c, -1, NULL), MGR_EVALUE,
                     "'timeout' must be a non-negative number");
        assert_yes(mgr_rlock_locked(rlock));
        assert_done(mgr_condition_lock(c, &lock));
        assert_int_equal(mgr_proxy_ident(lock), mgr_proxy_ident(mgr_rlock_proxy(rlock)));
        mgr_proxy_free(lock);
        value = mgr_v(c);
        assert_done(mgr_value_condition(&value, &same));
        assert_done(mgr_condition_release(same));
        assert_int_equal(mgr_condition_locked(c), 0);
        mgr_condition_free(same);
        mgr_condition_free(c);
        mgr_rlock_free(rlock);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lock_is_taken_over_from_who_was_killed),
                cmocka_unit_test(rlock_is_taken_over_from_who_was_killed),
                cmocka_unit_test(condition_is_taken_over_from_who_was_killed),
                cmocka_unit_test(whoever_waits_has_it_at_once),
                cmocka_unit_test(child_acquires_and_exits_and_the_parent_releases),
                cmocka_unit_test(locks_are_not_inherited),
                cmocka_unit_test(deadlock_is_an_error_for_one_and_the_other_has_its_lock),
                cmocka_unit_test(deadlock_is_not_told_where_that_was_chosen),
                cmocka_unit_test(who_loses_its_session_with_locks_is_told_once),
                cmocka_unit_test(a_write_that_meets_the_loss_is_not_made_before_that_was_told),
                cmocka_unit_test(lock_that_another_thread_released_is_no_loss),
                cmocka_unit_test(lock_that_came_back_from_a_wait_is_lost_with_the_session),
                cmocka_unit_test(a_signal_ends_a_wait_where_that_was_chosen),
                cmocka_unit_test(condition_brings_together_those_who_put_and_those_who_take),
                cmocka_unit_test(who_was_notified_and_killed_passes_it_on),
                cmocka_unit_test(condition_returns_with_the_lock),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
