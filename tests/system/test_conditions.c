/*
 * test_conditions - Conditions between real processes
 */
#include "tests/system/lock_workers.h"

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
                cmocka_unit_test(condition_brings_together_those_who_put_and_those_who_take),
                cmocka_unit_test(who_was_notified_and_killed_passes_it_on),
                cmocka_unit_test(condition_returns_with_the_lock),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
