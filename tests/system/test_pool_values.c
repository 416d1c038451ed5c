/*
 * test_pool_values - big values, proxies, and several threads at one pool
 */
#include <pthread.h>
#include <unistd.h>

#include "tests/system/pool.h"

#define BIG       ((size_t)5 << 20)
#define N_BIG     6
#define N_THREADS 4
#define N_ROUNDS  50

/* --- what workers run */

static int echo(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)n_args;
        *result = args[0];
        return 0;
}

static int append_to(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_list *l;
        int r;

        r = mgr_value_list(&args[0], &l);
        if (r < 0)
                return r;
        r = n_args == 2 ? mgr_list_append(l, &args[1]) : mgr_list_append(l, "from afar");
        mgr_list_free(l);
        *result = mgr_none();
        return r;
}

static int make_list(const mgr_value *args, size_t n_args, mgr_value *result)
{
        mgr_list *l, *inner;
        mgr_value pair[2];
        int r;

        (void)n_args;
        if (mgr_list_new(m, &l) < 0 || mgr_list_append(l, &args[0]) < 0)
                return MGR_ERUNTIME;
        if (args[0].as.integer % 2 == 0) {
                r = mgr_value_copy(MGR_IN(l), result);
                mgr_list_free(l);
                return r;
        }
        r = mgr_list_new(m, &inner);
        pair[0] = mgr_from_list(l);
        pair[1] = mgr_from_list(inner);
        if (r == 0)
                r = mgr_compose(MGR_KIND_TUPLE, pair, 2, result);
        mgr_list_free(l);
        mgr_list_free(inner);
        return r;
}

/* --- big values */

static mgr_value new_big(char fill)
{
        char *bytes = malloc(BIG);

        assert_non_null(bytes);
        memset(bytes, fill, BIG);
        return mgr_bytes(bytes, BIG);
}

static void free_big(mgr_value *value)
{
        char *bytes;

        memcpy(&bytes, &value->as.text.data, sizeof(bytes));
        free(bytes);
}

/* Both ways at once, more than there is room for on the way, with every chunk size. */
static void big_values_pass_each_other(void **state)
{
        mgr_value items[N_BIG], results[N_BIG];
        mgr_pool *pool = new_pool();

        (void)state;
        for (int i = 0; i < N_BIG; ++i)
                items[i] = new_big((char)('a' + i));
        for (size_t chunk = 1; chunk <= 3; ++chunk) {
                assert_done(mgr_pool_map(pool, echo, items, N_BIG, chunk, results));
                for (int i = 0; i < N_BIG; ++i) {
                        assert_int_equal(results[i].as.text.size, BIG);
                        assert_memory_equal(results[i].as.text.data, items[i].as.text.data, BIG);
                        mgr_value_clear(&results[i]);
                }
        }
        for (int i = 0; i < N_BIG; ++i)
                free_big(&items[i]);
        end_pool(pool);
}

/* --- proxies */

static void proxies_go_to_workers(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_list *l = new_range(0);
        mgr_value items[5], pairs[3], pair[2], results[5], value;
        mgr_result *result;
        size_t n;

        (void)state;
        for (int i = 0; i < 5; ++i)
                items[i] = mgr_from_list(l);
        assert_done(mgr_pool_apply(pool, append_to, NULL, l, 1));
        assert_done(mgr_pool_map(pool, append_to, items, 5, 2, results));
        for (int i = 0; i < 3; ++i) {
                pair[0] = mgr_from_list(l);
                pair[1] = mgr_int(i);
                assert_done(mgr_compose(MGR_KIND_TUPLE, pair, 2, &pairs[i]));
        }
        assert_done(mgr_pool_starmap(pool, append_to, pairs, 3, 3, results));
        assert_done(mgr_list_count(l, "from afar", &n));
        assert_int_equal(n, 5);
        assert_done(mgr_pool_apply_async(pool, append_to, NULL, &result, l, "last"));
        for (int i = 0; i < 3; ++i)
                mgr_value_clear(&pairs[i]);
        assert_done(mgr_result_get(result, PATIENCE, &value));
        assert_value(mgr_list_pop(l, -1, &value), &value, "'last'");
        mgr_result_free(result);
        end_pool(pool);
        assert_value(mgr_list_pop(l, 0, &value), &value, "1");
        mgr_list_free(l);
}

/* What only the job knows is there as long as the job may need it. */
static void proxies_in_a_job_keep_their_object(void **state)
{
        mgr_pool *pool = new_pool();
        size_t n_before = count_objects();
        mgr_result *results[50];
        mgr_value value;

        (void)state;
        for (int i = 0; i < 50; ++i) {
                mgr_list *l = new_range(3);

                assert_done(mgr_pool_apply_async(pool, append_to, NULL, &results[i], l, i));
                mgr_list_free(l);
        }
        for (int i = 0; i < 50; ++i) {
                assert_done(mgr_result_get(results[i], PATIENCE, &value));
                mgr_result_free(results[i]);
        }
        end_pool(pool);
        while (count_objects() != n_before)
                ;
}

static void proxies_come_from_workers(void **state)
{
        mgr_pool *pool = new_pool();
        size_t n_before = count_objects();
        mgr_value *items = new_range_of(40), results[40];

        (void)state;
        assert_done(mgr_pool_map(pool, make_list, items, 40, 7, results));
        for (int i = 0; i < 40; ++i) {
                mgr_value proxy = results[i], number;
                mgr_list *l;

                if (i % 2)
                        assert_done(mgr_value_at(&results[i], 0, &proxy));
                assert_done(mgr_value_list(&proxy, &l));
                assert_done(mgr_list_get(l, 0, &number));
                assert_int_equal(number.as.integer, i);
                mgr_list_free(l);
                mgr_value_clear(&results[i]);
        }
        free(items);
        end_pool(pool);
        while (count_objects() != n_before)
                ;
}

static void a_list_of_results_holds_proxies(void **state)
{
        mgr_pool *pool = new_pool();
        mgr_value *items = new_range_of(4), list, proxy, number;
        mgr_result *result;
        mgr_list *l;

        (void)state;
        assert_done(mgr_pool_map_async(pool, make_list, items, 4, 1, NULL, &result));
        assert_done(mgr_result_get(result, PATIENCE, &list));
        mgr_result_free(result);
        end_pool(pool);
        assert_done(mgr_value_at(&list, 2, &proxy));
        assert_done(mgr_value_list(&proxy, &l));
        assert_done(mgr_list_get(l, 0, &number));
        assert_int_equal(number.as.integer, 2);
        mgr_list_free(l);
        mgr_value_clear(&list);
        free(items);
}

/* --- threads */

struct shared {
        mgr_pool *pool;
        atomic_int n_done, n_wrong;
};

static void count_done(void *arg, const mgr_value *result)
{
        struct shared *shared = arg;

        (void)result;
        atomic_fetch_add(&shared->n_done, 1);
}

static int count_to_50(void *arg, mgr_value *item)
{
        int *n = arg;

        if (*n == 50)
                return 0;
        *item = mgr_int((*n)++);
        return 1;
}

static bool round_is_right(struct shared *shared)
{
        const mgr_callbacks callbacks = { count_done, NULL, shared };
        mgr_value *items = new_range_of(200), results[200], value;
        mgr_result *result;
        mgr_imap *imap;
        long long n;
        int next = 0, right;

        right = mgr_pool_apply_async(shared->pool, square, &callbacks, &result, 12) == 0 &&
                mgr_pool_map(shared->pool, square, items, 200, 9, results) == 0 &&
                results[199].as.integer == 199 * 199 &&
                mgr_pool_apply(shared->pool, square, &n, 5) == 0 && n == 25 &&
                mgr_result_get(result, PATIENCE, &value) == 0 && value.as.integer == 144 &&
                mgr_pool_imap(shared->pool, square, count_to_50, &next, 3, &imap) == 0;
        for (int i = 0; right && i < 50; ++i)
                right = mgr_imap_next(imap, PATIENCE, &value) == 1 && value.as.integer == i * i;
        mgr_imap_free(imap);
        mgr_result_free(result);
        free(items);
        return right;
}

static void *work_in_rounds(void *arg)
{
        struct shared *shared = arg;

        for (int i = 0; i < N_ROUNDS; ++i)
                if (!round_is_right(shared))
                        atomic_fetch_add(&shared->n_wrong, 1);
        return NULL;
}

static void threads_share_a_pool(void **state)
{
        struct shared shared = { .pool = new_pool() };
        pthread_t threads[N_THREADS];

        (void)state;
        for (int i = 0; i < N_THREADS; ++i)
                assert_int_equal(pthread_create(&threads[i], NULL, work_in_rounds, &shared), 0);
        for (int i = 0; i < N_THREADS; ++i)
                pthread_join(threads[i], NULL);
        assert_int_equal(shared.n_wrong, 0);
        assert_int_equal(shared.n_done, N_THREADS * N_ROUNDS);
        end_pool(shared.pool);
}

static int wait_for_ever(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args, (void)n_args, (void)result;
        for (;;)
                pause();
        return 0;
}

static void *wait_in_vain(void *arg)
{
        struct shared *shared = arg;

        int r = mgr_pool_apply(shared->pool, wait_for_ever, NULL);

        /* one that came too late was told that the pool is not running */
        if (r != MGR_ECANCELLED && r != MGR_EVALUE)
                atomic_fetch_add(&shared->n_wrong, 1);
        atomic_fetch_add(&shared->n_done, 1);
        return NULL;
}

static void terminate_wakes_every_thread(void **state)
{
        struct shared shared = { .pool = new_pool() };
        pthread_t threads[N_THREADS];

        (void)state;
        for (int i = 0; i < N_THREADS; ++i)
                assert_int_equal(pthread_create(&threads[i], NULL, wait_in_vain, &shared), 0);
        assert_int_equal(mgr_pool_pump(shared.pool, 0.05), 0);
        assert_done(mgr_pool_terminate(shared.pool));
        for (int i = 0; i < N_THREADS; ++i)
                pthread_join(threads[i], NULL);
        assert_int_equal(shared.n_done, N_THREADS);
        assert_int_equal(shared.n_wrong, 0);
        assert_done(mgr_pool_join(shared.pool, PATIENCE));
        mgr_pool_free(shared.pool);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(big_values_pass_each_other),
                cmocka_unit_test(proxies_go_to_workers),
                cmocka_unit_test(proxies_in_a_job_keep_their_object),
                cmocka_unit_test(proxies_come_from_workers),
                cmocka_unit_test(a_list_of_results_holds_proxies),
                cmocka_unit_test(threads_share_a_pool),
                cmocka_unit_test(terminate_wakes_every_thread),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
