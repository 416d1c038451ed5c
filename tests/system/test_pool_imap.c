/*
 * test_pool_imap - results one by one, while the source is asked for more
 */
#include "tests/system/pool.h"

/* --- imap */

static void imap_yields_in_order_and_asks_lazily(void **state)
{
        struct range range = { .end = 10000 };
        mgr_pool *pool = new_pool();
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        for (size_t chunk = 0; chunk < 20; chunk += 7) {
                range.next = range.n_read = 0;
                range.n_ahead = 64 * (int64_t)(chunk ? chunk : 1);
                assert_done(mgr_pool_imap(pool, square, range_next, &range, chunk, &imap));
                for (range.n_read = 0; range.n_read < 10000; ++range.n_read) {
                        assert_yes(mgr_imap_next(imap, PATIENCE, &value));
                        assert_int_equal(value.as.integer, range.n_read * range.n_read);
                }
                assert_done(mgr_imap_next(imap, PATIENCE, &value));
                assert_done(mgr_imap_next(imap, PATIENCE, &value));
                mgr_imap_free(imap);
        }
        end_pool(pool);
}

static void imap_yields_each_error_in_its_turn(void **state)
{
        struct range range = { .end = 100 };
        mgr_pool *pool = new_pool();
        char text[64];
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_imap(pool, odd_fails, range_next, &range, 3, &imap));
        for (int i = 0; i < 100; ++i) {
                snprintf(text, sizeof(text), "%d is odd", i);
                if (i % 2) {
                        assert_error(mgr_imap_next(imap, PATIENCE, &value), MGR_EVALUE, text);
                } else {
                        assert_yes(mgr_imap_next(imap, PATIENCE, &value));
                        assert_int_equal(value.as.integer, i);
                }
        }
        assert_done(mgr_imap_next(imap, PATIENCE, &value));
        mgr_imap_free(imap);
        end_pool(pool);
}

static void imap_yields_its_sources_error_last(void **state)
{
        struct range range = { .end = 2, .fails_with = MGR_ERUNTIME };
        mgr_pool *pool = new_pool();
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_imap(pool, square, range_next, &range, 4, &imap));
        assert_yes(mgr_imap_next(imap, PATIENCE, &value));
        assert_yes(mgr_imap_next(imap, PATIENCE, &value));
        assert_error(mgr_imap_next(imap, PATIENCE, &value), MGR_ERUNTIME, "no more");
        assert_done(mgr_imap_next(imap, PATIENCE, &value));
        mgr_imap_free(imap);
        end_pool(pool);
}

static void imap_unordered_yields_what_comes_first(void **state)
{
        struct range range = { .end = 1000 };
        mgr_pool *pool = new_pool();
        int64_t sum = 0;
        mgr_value value;
        mgr_imap *imap;
        int n = 0, r;

        (void)state;
        assert_done(mgr_pool_imap_unordered(pool, square, range_next, &range, 10, &imap));
        while ((r = mgr_imap_next(imap, PATIENCE, &value)) == 1) {
                sum += value.as.integer;
                ++n;
        }
        assert_int_equal(r, 0);
        assert_int_equal(n, 1000);
        assert_int_equal(sum, 332833500);
        mgr_imap_free(imap);
        end_pool(pool);
}

static void imap_unordered_does_not_wait_for_the_slow_one(void **state)
{
        struct range range = { .end = 3 };
        mgr_pool *pool = new_pool();
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_imap_unordered(pool, gate_for_zero, range_next, &range, 1, &imap));
        for (int i = 0; i < 2; ++i) {
                assert_yes(mgr_imap_next(imap, PATIENCE, &value));
                assert_true(value.as.integer != 0);
        }
        assert_int_equal(mgr_imap_next(imap, 0.01, &value), MGR_ETIMEOUT);
        open_gate(1);
        assert_yes(mgr_imap_next(imap, PATIENCE, &value));
        assert_int_equal(value.as.integer, 0);
        assert_done(mgr_imap_next(imap, PATIENCE, &value));
        mgr_imap_free(imap);
        end_pool(pool);
}

static void imap_goes_on_after_close_and_join_finishes_it(void **state)
{
        struct range range = { .end = 500 };
        mgr_pool *pool = new_pool();
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_imap(pool, square, range_next, &range, 1, &imap));
        assert_done(mgr_pool_close(pool));
        for (int i = 0; i < 200; ++i)
                assert_yes(mgr_imap_next(imap, PATIENCE, &value));
        assert_done(mgr_pool_join(pool, PATIENCE));
        for (int i = 200; i < 500; ++i) {
                assert_yes(mgr_imap_next(imap, PATIENCE, &value));
                assert_int_equal(value.as.integer, i * i);
        }
        assert_done(mgr_imap_next(imap, PATIENCE, &value));
        mgr_imap_free(imap);
        mgr_pool_free(pool);
}

static void an_imap_may_be_left_unread(void **state)
{
        struct range range = { .end = 100000 };
        mgr_pool *pool = new_pool();
        mgr_imap *imap;

        (void)state;
        assert_done(mgr_pool_imap(pool, square, range_next, &range, 5, &imap));
        mgr_imap_free(imap);
        range.next = 0;
        assert_done(mgr_pool_imap_unordered(pool, square, range_next, &range, 5, &imap));
        mgr_imap_free(imap);
        end_pool(pool);
}

static void imap_takes_any_chunk_size(void **state)
{
        static const size_t sizes[] = { 2, 100000, SIZE_MAX / 2 + 2, SIZE_MAX - 1, SIZE_MAX };
        mgr_pool *pool = new_pool();

        (void)state;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i) {
                struct range range = { .end = 100 };
                long long value = 0, n = 0;
                mgr_imap *imap;

                assert_done(mgr_pool_imap(pool, square, range_next, &range, sizes[i], &imap));
                while (mgr_imap_next(imap, PATIENCE, &value) == 1) {
                        assert_int_equal(value, n * n);
                        ++n;
                }
                assert_int_equal(n, 100);
                mgr_imap_free(imap);
        }
        end_pool(pool);
}

/* What an older error of this thread said plays no part. */
static int fail_without_a_word(void *error, mgr_value *item)
{
        (void)item;
        return *(int *)error;
}

static void imap_tells_the_number_of_a_source_that_says_no_more(void **state)
{
        mgr_pool *pool = new_pool();
        int error = MGR_EINDEX;
        mgr_value value;
        mgr_imap *imap;

        (void)state;
        assert_int_equal(mgr_raise(MGR_EKEY, "an older one"), MGR_EKEY);
        assert_done(mgr_pool_imap(pool, square, fail_without_a_word, &error, 1, &imap));
        assert_error(mgr_imap_next_value(imap, PATIENCE, &value), MGR_EINDEX,
                     "the function returned -4: index out of range");
        mgr_imap_free(imap);
        end_pool(pool);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(imap_yields_in_order_and_asks_lazily),
                cmocka_unit_test(imap_yields_each_error_in_its_turn),
                cmocka_unit_test(imap_yields_its_sources_error_last),
                cmocka_unit_test(imap_unordered_yields_what_comes_first),
                cmocka_unit_test(imap_unordered_does_not_wait_for_the_slow_one),
                cmocka_unit_test(imap_goes_on_after_close_and_join_finishes_it),
                cmocka_unit_test(an_imap_may_be_left_unread),
                cmocka_unit_test(imap_takes_any_chunk_size),
                cmocka_unit_test(imap_tells_the_number_of_a_source_that_says_no_more),
        };

        return cmocka_run_group_tests(tests, make_gate, close_gate);
}
