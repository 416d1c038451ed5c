/*
 * test_waiting - calls that wait, and whose caller does something else, or gives up
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/system/lock_workers.h"

/* The pid of the daemon at the other end: its socket knows. */
static pid_t daemon_pid(mgr_manager *of)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct ucred peer;
        socklen_t size = sizeof(peer);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        strcpy(address.sun_path, mgr_manager_address(of));
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
        close(fd);
        return peer.pid;
}

/* Two handles on one daemon: `second` is made with these options. */
static mgr_manager *start_second(mgr_options options, mgr_manager **second)
{
        mgr_options first_options = MGR_OPTIONS_INIT;
        mgr_manager *first;

        first_options.authkey = options.authkey = "known";
        first_options.authkey_size = options.authkey_size = 5;
        assert_done(new_manager(&first, &first_options));
        assert_done(mgr_connect(second, mgr_manager_address(first), &options));
        return first;
}

static mgr_manager *start_impatient(mgr_manager **impatient)
{
        mgr_options options = MGR_OPTIONS_INIT;

        options.call_timeout = 0.3;
        return start_second(options, impatient);
}

/* --- handlers of signals */

/*
 * A handler that makes calls is only safe because its thread is known to wait: ThreadSanitizer
 * does not know.
 */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
        return "report_signal_unsafe=0";
}

static mgr_event *to_set;

static void set_event(int number)
{
        int error = errno;

        (void)number;
        mgr_event_set(to_set);
        errno = error;
}

static void *signal_who_waits(void *arg)
{
        await_parked(m, 1);
        do {
                pthread_kill(*(pthread_t *)arg, SIGUSR1);
                usleep(1000);
        } while (mgr_event_is_set(to_set) == 0);
        return NULL;
}

/* What a handler calls goes over another connection: the thread's own is the one that has locks. */
static void rlock_is_still_the_threads_after_a_handler_made_calls(void **state)
{
        struct sigaction action = { .sa_handler = set_event };
        pthread_t self = pthread_self(), by;
        mgr_rlock *lock;

        (void)state;
        assert_done(mgr_event_new(m, &to_set));
        assert_done(mgr_rlock_new(m, &lock));
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        assert_done(mgr_rlock_acquire(lock, 1, NULL));
        for (int i = 0; i < 2; ++i) {
                assert_done(mgr_event_clear(to_set));
                assert_int_equal(pthread_create(&by, NULL, signal_who_waits, &self), 0);
                assert_done(mgr_event_wait(to_set, 20));
                pthread_join(by, NULL);
                assert_done(mgr_rlock_acquire(lock, 1, NULL));
        }
        for (int i = 0; i < 3; ++i)
                assert_done(mgr_rlock_release(lock));
        assert_int_equal(mgr_rlock_locked(lock), 0);
        mgr_rlock_free(lock);
        mgr_event_free(to_set);
}

static void do_nothing(int number)
{
        (void)number;
}

struct interruption {
        pthread_t thread;
        struct worker *holder;
        mgr_manager *manager;
        atomic_bool over;
};

static int acquire_and_hold(void *lock)
{
        hear();
        if (mgr_lock_acquire(lock, 20, NULL) != 0)
                return 1;
        say('h');
        hear();
        return 2;
}

/* Somebody takes the lock and dies with it; before, meanwhile or after that comes the signal. */
static void *interrupt_and_kill(void *arg)
{
        struct interruption *interruption = arg;

        await_parked(interruption->manager, 1);
        tell_worker(interruption->holder);
        assert_worker_says(interruption->holder, 'h');
        pthread_kill(interruption->thread, SIGUSR1);
        kill_worker(interruption->holder);
        while (!atomic_load(&interruption->over)) {
                pthread_kill(interruption->thread, SIGUSR1);
                usleep(1000);
        }
        return NULL;
}

static void wait_that_is_interrupted_tells_who_died_with_the_lock(void **state)
{
        struct sigaction action = { .sa_handler = do_nothing, .sa_flags = SA_RESTART };
        mgr_options options = MGR_OPTIONS_INIT;
        struct interruption interruption = { .thread = pthread_self() };
        mgr_grant first, grant = { 0 };
        struct worker holder;
        mgr_manager *own;
        mgr_condition *c;
        mgr_lock *lock, *same;
        pthread_t by;

        (void)state;
        options.flags = MGR_INTERRUPTIBLE;
        interruption.manager = start_second(options, &own);
        interruption.holder = &holder;
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        assert_done(mgr_lock_open(interruption.manager, "lock", &lock));
        assert_done(mgr_lock_open(own, "lock", &same));
        assert_done(mgr_condition_new(own, mgr_lock_proxy(same), &c));
        holder = start_worker(acquire_and_hold, lock);
        assert_done(mgr_condition_acquire(c, 1, &first));
        assert_int_equal(pthread_create(&by, NULL, interrupt_and_kill, &interruption), 0);
        /* whatever else interrupts it came too soon */
        while (grant.dead_pid == 0)
                assert_int_equal(mgr_condition_wait(c, MGR_FOREVER, &grant), MGR_EINTERRUPTED);
        atomic_store(&interruption.over, true);
        pthread_join(by, NULL);
        assert_int_equal(grant.dead_pid, holder.pid);
        assert_true(grant.fence > first.fence + 1);
        assert_done(mgr_condition_release(c));
        mgr_condition_free(c);
        mgr_lock_free(same);
        mgr_lock_free(lock);
        mgr_manager_free(own);
        mgr_manager_free(interruption.manager);
}

/* --- what the daemon cannot read */

/* Its answer bears no number, for that was not read either. */
static void item_that_is_refused_costs_neither_connection_nor_locks(void **state)
{
        mgr_value deep = mgr_none(), deeper;
        mgr_rlock *lock;
        mgr_queue *q;

        (void)state;
        for (int i = 0; i < 17; ++i) {
                assert_done(mgr_compose(MGR_KIND_LIST, &deep, 1, &deeper));
                mgr_value_clear(&deep);
                deep = deeper;
        }
        assert_done(mgr_queue_new(m, 0, NULL, &q));
        assert_done(mgr_rlock_new(m, &lock));
        assert_done(mgr_rlock_acquire(lock, 1, NULL));
        assert_int_equal(mgr_queue_put(q, deep, 0), MGR_ETOO_LARGE);
        assert_int_equal(mgr_queue_empty(q), 1);
        assert_int_equal(mgr_proxy_call(mgr_queue_proxy(q), "put", &deep, 1, NULL), MGR_ETOO_LARGE);
        assert_done(mgr_queue_put(q, 1, 0));
        assert_done(mgr_rlock_release(lock));
        mgr_value_clear(&deep);
        mgr_rlock_free(lock);
        mgr_queue_free(q);
}

/* --- a fork behind the loss of a connection */

/* Requests still go out, but no reply comes back. */
static void deafen(const char *address)
{
        for (int fd = 3; fd < 100; ++fd) {
                struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
                socklen_t size = sizeof(peer);

                if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
                    peer.sun_family == AF_UNIX && strcmp(peer.sun_path, address) == 0)
                        shutdown(fd, SHUT_RD);
        }
}

static int do_well(void *arg)
{
        return mgr_manager_ping(arg) == 0 ? 0 : 1;
}

static void loss_of_a_lock_is_told_also_behind_a_fork(void **state)
{
        mgr_dict *d = new_dict();
        struct worker worker;
        mgr_lock *lock;

        (void)state;
        assert_done(mgr_lock_new(m, &lock));
        assert_done(mgr_lock_acquire(lock, 1, NULL));
        deafen(mgr_manager_address(m));
        assert_int_equal(mgr_dict_set(d, "a", 1), MGR_EUNKNOWN_OUTCOME);
        worker = start_worker(do_well, m);
        assert_error(mgr_manager_ping(m), MGR_EOWNER_LOST,
                     "1 lock of this thread was lost with its connection");
        assert_done(mgr_manager_ping(m));
        assert_int_equal(end_worker(&worker), 0);
        mgr_lock_free(lock);
        mgr_dict_free(d);
}

/* --- giving up */

static void lock_is_not_held_for_a_caller_who_has_given_up(void **state)
{
        mgr_manager *impatient, *own = start_impatient(&impatient);
        mgr_lock *lock, *same;
        mgr_dict *d;

        (void)state;
        assert_done(mgr_lock_open(own, "lock", &lock));
        assert_done(mgr_lock_open(impatient, "lock", &same));
        assert_done(mgr_dict_new(impatient, &d));
        assert_done(mgr_lock_acquire(lock, 1, NULL));
        assert_int_equal(mgr_proxy_call(mgr_lock_proxy(same), "acquire", NULL, 0, NULL),
                         MGR_ETIMEOUT);
        await_parked(own, 0);
        /* and what comes next does not wait behind it */
        assert_done(mgr_dict_set(d, "a", 1));
        assert_done(mgr_lock_release(lock));
        assert_done(mgr_lock_acquire(lock, 5, NULL));
        assert_done(mgr_lock_release(lock));
        mgr_dict_free(d);
        mgr_lock_free(same);
        mgr_lock_free(lock);
        mgr_manager_free(impatient);
        mgr_manager_free(own);
}

/* Also where it is called with keyword arguments. */
static void generic_call_waits_with_keywords(void **state)
{
        mgr_value words[] = { mgr_str("timeout"), mgr_float(0) }, kwds, result;
        mgr_queue *q;

        (void)state;
        assert_done(mgr_compose(MGR_KIND_DICT, words, 1, &kwds));
        assert_done(mgr_queue_new(m, 0, NULL, &q));
        assert_int_equal(mgr_proxy_call_kw(mgr_queue_proxy(q), "get", NULL, 0, &kwds, &result),
                         MGR_EEMPTY);
        assert_done(mgr_queue_put(q, 5, 0));
        assert_value(mgr_proxy_call_kw(mgr_queue_proxy(q), "get", NULL, 0, &kwds, &result), &result,
                     "5");
        mgr_value_clear(&kwds);
        mgr_queue_free(q);
}

static void await_single_session(mgr_manager *of)
{
        double begin = now();
        size_t n = 0;

        while (n != 1) {
                mgr_value sessions;

                assert_done(mgr_manager_call(of, "sessions", NULL, 0, &sessions));
                n = mgr_value_len(&sessions);
                mgr_value_clear(&sessions);
                assert_true(now() - begin < 20);
        }
}

/*
 * The daemon gave it, and cannot know that nobody heard of that: whoever comes next is told that
 * the owner is no more, rather than not to be told.
 */
static void lock_that_was_granted_in_vain_is_abandoned(void **state)
{
        mgr_manager *impatient, *own = start_impatient(&impatient);
        mgr_lock *lock, *same;
        mgr_grant grant;
        pid_t daemon = daemon_pid(own);

        (void)state;
        assert_done(mgr_lock_open(own, "lock", &lock));
        assert_done(mgr_lock_open(impatient, "lock", &same));
        assert_int_equal(kill(daemon, SIGSTOP), 0);
        assert_int_equal(mgr_lock_acquire(same, 0, NULL), MGR_ETIMEOUT);
        assert_int_equal(kill(daemon, SIGCONT), 0);
        await_single_session(own);
        assert_int_equal(mgr_lock_acquire(lock, 5, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, getpid());
        assert_done(mgr_lock_release(lock));
        assert_done(mgr_manager_ping(impatient)); /* who never had it lost nothing */
        mgr_lock_free(same);
        mgr_lock_free(lock);
        mgr_manager_free(impatient);
        mgr_manager_free(own);
}

/* --- batches */

static void *put_when_somebody_waits(void *q)
{
        await_parked(m, 1);
        assert_done(mgr_queue_put(q, "item", 0));
        return NULL;
}

/* More calls behind it than the daemon reads ahead. */
static void batch_waits_where_one_of_its_calls_does(void **state)
{
        mgr_dict *d = new_dict();
        mgr_value value;
        mgr_batch *b;
        mgr_queue *q;
        pthread_t by;

        (void)state;
        assert_done(mgr_queue_new(m, 0, NULL, &q));
        assert_done(mgr_batch_new(m, &b));
        assert_done(mgr_batch_call(b, mgr_queue_proxy(q), "get", NULL, 0));
        for (int i = 0; i < 3000; ++i)
                assert_done(mgr_batch_dict_set(b, d, i, "some text that takes room"));
        assert_int_equal(pthread_create(&by, NULL, put_when_somebody_waits, q), 0);
        assert_done(mgr_batch_run(b));
        pthread_join(by, NULL);
        assert_done(mgr_batch_result(b, 0, &value));
        assert_string_equal(mgr_cstr(&value), "item");
        assert_done(mgr_batch_result(b, 3000, NULL));
        mgr_batch_free(b);
        mgr_queue_free(q);
        mgr_dict_free(d);
}

static void batch_that_waits_for_itself_ends_with_the_time_for_calls(void **state)
{
        mgr_manager *impatient, *own = start_impatient(&impatient);
        mgr_lock *lock, *same;
        mgr_batch *b;

        (void)state;
        assert_done(mgr_lock_open(own, "lock", &lock));
        assert_done(mgr_lock_open(impatient, "lock", &same));
        assert_done(mgr_batch_new(impatient, &b));
        for (int i = 0; i < 2; ++i)
                assert_done(mgr_batch_call(b, mgr_lock_proxy(same), "acquire", NULL, 0));
        assert_done(mgr_batch_call(b, mgr_lock_proxy(same), "release", NULL, 0));
        assert_int_equal(mgr_batch_run(b), MGR_ETIMEOUT);
        assert_done(mgr_batch_result(b, 0, NULL));
        assert_int_equal(mgr_batch_result(b, 1, NULL), MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(mgr_lock_acquire(lock, 5, NULL), MGR_OWNER_DIED);
        assert_done(mgr_lock_release(lock));
        mgr_batch_free(b);
        mgr_lock_free(same);
        mgr_lock_free(lock);
        mgr_manager_free(impatient);
        mgr_manager_free(own);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                /* the first: there is one connection */
                cmocka_unit_test(loss_of_a_lock_is_told_also_behind_a_fork),
                cmocka_unit_test(rlock_is_still_the_threads_after_a_handler_made_calls),
                cmocka_unit_test(wait_that_is_interrupted_tells_who_died_with_the_lock),
                cmocka_unit_test(item_that_is_refused_costs_neither_connection_nor_locks),
                cmocka_unit_test(lock_is_not_held_for_a_caller_who_has_given_up),
                cmocka_unit_test(generic_call_waits_with_keywords),
                cmocka_unit_test(lock_that_was_granted_in_vain_is_abandoned),
                cmocka_unit_test(batch_waits_where_one_of_its_calls_does),
                cmocka_unit_test(batch_that_waits_for_itself_ends_with_the_time_for_calls),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
