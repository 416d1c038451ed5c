/*
 * test_owner_lost - a thread whose connection is lost, and with it the locks that it held
 */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/system/lock_workers.h"

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

/* --- the one gives, the other has it before the one knows */

struct handing {
        mgr_lock *lock;
        pthread_t giver;
        atomic_bool given, over;
        int told;
};

static void take_a_while(int number)
{
        (void)number;
        usleep(1000);
}

static void *slow_down(void *arg)
{
        struct handing *handing = arg;

        while (!atomic_load(&handing->over)) {
                pthread_kill(handing->giver, SIGUSR1);
                usleep(1500);
        }
        return NULL;
}

static void *have_it_next(void *arg)
{
        struct handing *handing = arg;

        handing->told = mgr_lock_acquire(handing->lock, 20, NULL);
        if (handing->told != 0)
                return NULL;
        while (!atomic_load(&handing->given))
                usleep(100);
        cut_connections();
        handing->told = mgr_manager_ping(m);
        return NULL;
}

static void lock_is_the_next_ones_whose_reply_comes_first(void **state)
{
        struct sigaction action = { .sa_handler = take_a_while, .sa_flags = SA_RESTART };
        struct handing handing = { .giver = pthread_self() };

        (void)state;
        assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
        for (int i = 0; i < 20; ++i) {
                pthread_t next, slow;

                assert_done(mgr_lock_new(m, &handing.lock));
                assert_done(mgr_lock_acquire(handing.lock, 1, NULL));
                atomic_store(&handing.given, false);
                atomic_store(&handing.over, false);
                assert_int_equal(pthread_create(&next, NULL, have_it_next, &handing), 0);
                await_parked(m, 1);
                assert_int_equal(pthread_create(&slow, NULL, slow_down, &handing), 0);
                assert_done(mgr_lock_release(handing.lock));
                atomic_store(&handing.over, true);
                pthread_join(slow, NULL);
                atomic_store(&handing.given, true);
                pthread_join(next, NULL);
                assert_int_equal(handing.told, MGR_EOWNER_LOST);
                mgr_lock_free(handing.lock);
        }
}

/* --- semaphores */

static void permit_is_lost_with_the_session(void **state)
{
        mgr_semaphore *s;
        mgr_grant grant;

        (void)state;
        assert_done(mgr_semaphore_new(m, 2, &s));
        assert_done(mgr_semaphore_acquire(s, 1, NULL));
        assert_done(mgr_semaphore_acquire(s, 1, NULL));
        assert_done(mgr_semaphore_release(s, 1));
        assert_true(cut_connections() > 0);
        assert_error(mgr_semaphore_release(s, 1), MGR_EOWNER_LOST,
                     "1 lock of this thread was lost with its connection");
        assert_int_equal(mgr_semaphore_acquire(s, 5, &grant), MGR_OWNER_DIED);
        assert_int_equal(grant.dead_pid, getpid());
        assert_done(mgr_semaphore_acquire(s, 5, NULL));
        assert_done(mgr_semaphore_release(s, 2));
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_semaphore_free(s);
}

static void *release_permit_in_thread(void *s)
{
        assert_done(mgr_semaphore_release(s, 1));
        return NULL;
}

static void permit_that_another_thread_released_is_no_loss(void **state)
{
        mgr_semaphore *s;
        pthread_t thread;

        (void)state;
        assert_done(mgr_semaphore_new(m, 2, &s));
        assert_done(mgr_semaphore_acquire(s, 1, NULL));
        assert_int_equal(pthread_create(&thread, NULL, release_permit_in_thread, s), 0);
        pthread_join(thread, NULL);
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_semaphore_free(s);
}

/* Nobody is to give it back. */
static void signal_of_a_semaphore_is_no_loss(void **state)
{
        mgr_semaphore *s;
        mgr_grant grant;

        (void)state;
        assert_done(mgr_semaphore_new(m, 0, &s));
        assert_done(mgr_semaphore_release(s, 1));
        assert_done(mgr_semaphore_acquire(s, 1, &grant));
        assert_int_equal(grant.fence, 0);
        assert_true(cut_connections() > 0);
        assert_done(mgr_manager_ping(m));
        mgr_semaphore_free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_loses_its_session_with_locks_is_told_once),
                cmocka_unit_test(a_write_that_meets_the_loss_is_not_made_before_that_was_told),
                cmocka_unit_test(lock_that_another_thread_released_is_no_loss),
                cmocka_unit_test(lock_is_the_next_ones_whose_reply_comes_first),
                cmocka_unit_test(permit_is_lost_with_the_session),
                cmocka_unit_test(permit_that_another_thread_released_is_no_loss),
                cmocka_unit_test(signal_of_a_semaphore_is_no_loss),
                cmocka_unit_test(lock_that_came_back_from_a_wait_is_lost_with_the_session),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
