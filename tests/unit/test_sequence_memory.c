/*
 * test_sequence_memory - what a sequence costs, gives back, and does when there is no more
 */
#include "proto/status.h"
#include "tests/lib/bytes.h"
#include "tests/lib/sequence_fixture.h"

/* --- what it costs */

static void sequence_of_small_elements_costs_little(void **state)
{
        /* size of the element, and what it may cost in hundredths of a byte */
        static const struct {
                unsigned size, cost;
        } cases[] = {
                { 1, 175 }, { 2, 275 }, { 5, 575 }, { 9, 975 }, { 16, 1700 }, { 100, 10300 }
        };
        uint8_t packed[100] = { 0 };

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); ++c) {
                struct memory memory = { .limit = SIZE_MAX };
                struct span element = span_of(packed, cases[c].size);
                struct sequence sequence;

                packed[0] = (uint8_t)(cases[c].size == 1 ? 7 : 0xc4);
                packed[1] = (uint8_t)(cases[c].size - 2);
                sequence_init(&sequence, &memory);
                for (unsigned i = 0; i < 100000; ++i)
                        assert_int_equal(sequence_append(&sequence, element), 0);
                assert_sound(&sequence);
                /* without the room for slots to come, which costs nothing until it is used */
                memory_refund(&memory, (sequence.n_room - sequence.n_slots) * 16);
                assert_true(memory.used <= 1000u * cases[c].cost);
                assert_true(memory_charge(&memory, (sequence.n_room - sequence.n_slots) * 16));
                assert_true(sequence.n_room <= sequence.n_slots * 2);
                sequence_deinit(&sequence);
        }
}

static void sequence_used_as_a_queue_stays_small(void **state)
{
        static const size_t lengths[] = { 1, 2, 5, 33, 50, 63, 64, 100, 5000 };

        (void)state;
        for (size_t c = 0; c < sizeof(lengths) / sizeof(lengths[0]); ++c) {
                struct memory memory = { .limit = SIZE_MAX };
                size_t n = lengths[c], largest;
                struct sequence sequence;

                sequence_init(&sequence, &memory);
                append_times(&sequence, 1077, n);
                largest = 2 * memory.used + 1000;
                for (unsigned i = 0; i < 3000 + 3 * n; ++i) {
                        append(&sequence, 1040 + i % 50);
                        sequence_remove(&sequence, 0, 1);
                        assert_true(memory.used < largest + 60 * n);
                        if (i % 100 == 0)
                                assert_shapely(&sequence);
                }
                assert_int_equal(sequence.n, n);
                sequence_deinit(&sequence);
        }
}

static void sequence_used_as_a_queue_is_seldom_moved(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct sequence sequence;
        unsigned n_moved = 0;

        (void)state;
        sequence_init(&sequence, &memory);
        append_times(&sequence, 77, 64 * 200);
        for (unsigned i = 0; i < 64 * 2000; ++i) {
                size_t begin;

                sequence_remove(&sequence, 0, 1);
                begin = sequence.begin;
                append(&sequence, 77);
                n_moved += sequence.begin != begin;
        }
        assert_in_range(n_moved, 1, 100);
        sequence_deinit(&sequence);
}

static void sequence_grows_geometrically_at_both_ends(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        const uint8_t one = 1;
        struct sequence sequence;
        unsigned n_grown = 0;

        (void)state;
        sequence_init(&sequence, &memory);
        for (unsigned i = 0; i < 200000; ++i) {
                size_t room = sequence.n_room;

                if (i & 1)
                        assert_int_equal(sequence_insert(&sequence, 0, span_of(&one, 1)), 0);
                else
                        assert_int_equal(sequence_append(&sequence, span_of(&one, 1)), 0);
                n_grown += sequence.n_room != room;
        }
        assert_in_range(n_grown, 8, 30);
        assert_shapely(&sequence);
        assert_true(sequence.n_slots <= 200000 / 64 + 2);
        sequence_deinit(&sequence);
        assert_int_equal(memory.used, 0);
}

static void sequence_gives_room_back_when_most_are_gone(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct sequence sequence;

        (void)state;
        sequence_init(&sequence, &memory);
        append_times(&sequence, 1077, 50000);
        while (sequence.n > 5)
                sequence_remove(&sequence, sequence.n / 2, 1);
        assert_shapely(&sequence);
        assert_true(memory.used < 600);
        sequence_deinit(&sequence);
}

static void sequence_filled_at_random_places_is_well_filled(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 5 };
        const uint8_t one = 1;
        struct sequence sequence;

        (void)state;
        sequence_init(&sequence, &memory);
        for (uint32_t n = 0; n < 20000; ++n)
                assert_int_equal(sequence_insert(&sequence, bytes_random_below(&random, n + 1),
                                                 span_of(&one, 1)),
                                 0);
        assert_shapely(&sequence);
        assert_true(sequence.n_slots < 20000 / 24);
        sequence_deinit(&sequence);
}

/* --- freeing in steps */

static void sequence_reap_frees_as_many_chunks_as_it_may(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct sequence sequence, dropped;
        size_t budget = 30;

        (void)state;
        sequence_init(&sequence, &memory);
        append_times(&sequence, 77, 64 * 300);
        sequence_remove(&sequence, 10, 64 * 200);
        assert_int_equal(sequence.n, 64 * 100);
        assert_int_equal(sequence.n_dropped, 199);
        assert_sound(&sequence);
        sequence_take_dropped(&sequence, &dropped);
        assert_null(sequence.dropped);
        assert_true(sequence_is_big(&dropped));
        assert_false(sequence_reap(&dropped, &budget));
        assert_int_equal(budget, 0);
        assert_int_equal(dropped.n_dropped, 169);
        budget = 1000;
        assert_true(sequence_reap(&dropped, &budget));
        assert_int_equal(budget, 831);
        assert_shapely(&sequence);

        budget = 40;
        assert_false(sequence_reap(&sequence, &budget));
        assert_sound(&sequence);
        budget = 1000;
        assert_true(sequence_reap(&sequence, &budget));
        assert_int_equal(memory.used, 0);
        assert_true(sequence_reap(&sequence, &budget));
}

/* --- memory */

/* A few chunks, some full, the first with elements gone. */
static void fill(struct sequence *sequence, unsigned *numbers, size_t n)
{
        for (size_t i = 0; i < n; ++i) {
                numbers[i] = i < 130 ? 60 + (unsigned)i % 40 : 1000 + (unsigned)i * 7;
                append(sequence, numbers[i]);
        }
        sequence_remove(sequence, 0, 3);
        memmove(numbers, numbers + 3, (n - 3) * sizeof(*numbers));
}

/* Up to the limit where it succeeds, each allocation in turn fails: with everything as it was. */
static void assert_fails_cleanly(int (*act)(struct sequence *sequence))
{
        unsigned numbers[200], n_failed = 0;
        bool succeeded = false;

        for (size_t more = 0; !succeeded; more += 8) {
                struct memory memory = { .limit = SIZE_MAX };
                struct sequence sequence;
                int r;

                sequence_init(&sequence, &memory);
                fill(&sequence, numbers, 200);
                memory.limit = memory.used + more;
                r = act(&sequence);
                succeeded = r == 0;
                if (!succeeded) {
                        assert_int_equal(r, -STATUS_NOMEM);
                        assert_elements(&sequence, numbers, 197);
                        ++n_failed;
                }
                assert_sound(&sequence);
                sequence_deinit(&sequence);
                assert_int_equal(memory.used, 0);
        }
        assert_true(n_failed > 0);
}

static uint8_t huge[VALUE_MAX];

static int append_huge(struct sequence *sequence)
{
        return sequence_append(sequence, value_of(2000, huge));
}

static int insert_into_a_full_chunk(struct sequence *sequence)
{
        return sequence_insert(sequence, 80, value_of(3, huge));
}

static int insert_huge(struct sequence *sequence)
{
        return sequence_insert(sequence, 80, value_of(2000, huge));
}

static int insert_in_front(struct sequence *sequence)
{
        return sequence_insert(sequence, 0, value_of(2000, huge));
}

static int replace_by_huge(struct sequence *sequence)
{
        return sequence_replace(sequence, 80, value_of(2000, huge));
}

static int replace_by_longer(struct sequence *sequence)
{
        return sequence_replace(sequence, 80, value_of(1025, huge));
}

static int splice_some(struct sequence *sequence, size_t i, size_t n, size_t n_new)
{
        struct sequence batch;
        int r = 0;

        sequence_init(&batch, sequence->memory);
        for (size_t k = 0; r == 0 && k < n_new; ++k)
                r = sequence_append(&batch, value_of(1000 + (unsigned)k, huge));
        if (r == 0)
                r = sequence_reserve(sequence, i, n, &batch);
        if (r == 0) {
                /* which cannot fail then */
                sequence->memory->limit = sequence->memory->used;
                sequence_splice(sequence, i, n, &batch);
        }
        sequence_deinit(&batch);
        return r;
}

static int splice_inside_of_a_chunk(struct sequence *sequence)
{
        return splice_some(sequence, 80, 5, 200);
}

static int splice_few(struct sequence *sequence)
{
        return splice_some(sequence, 80, 2, 5);
}

static int splice_over_chunks(struct sequence *sequence)
{
        return splice_some(sequence, 30, 120, 300);
}

static int splice_at_the_end(struct sequence *sequence)
{
        return splice_some(sequence, sequence->n, 0, 150);
}

static int splice_for_all(struct sequence *sequence)
{
        return splice_some(sequence, 0, sequence->n, 30);
}

static void sequence_without_memory_stays_as_it_was(void **state)
{
        (void)state;
        assert_fails_cleanly(append_huge);
        assert_fails_cleanly(insert_into_a_full_chunk);
        assert_fails_cleanly(insert_huge);
        assert_fails_cleanly(insert_in_front);
        assert_fails_cleanly(replace_by_huge);
        assert_fails_cleanly(replace_by_longer);
        assert_fails_cleanly(splice_inside_of_a_chunk);
        assert_fails_cleanly(splice_few);
        assert_fails_cleanly(splice_over_chunks);
        assert_fails_cleanly(splice_at_the_end);
        assert_fails_cleanly(splice_for_all);
}

static void sequence_refuses_counts_that_overflow(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct sequence sequence, batch;

        (void)state;
        sequence_init(&sequence, &memory);
        sequence_init(&batch, &memory);
        append(&sequence, 1);
        append(&sequence, 2);
        assert_int_equal(sequence_append_repeated(&batch, &sequence, SIZE_MAX), -STATUS_NOMEM);
        assert_int_equal(sequence_append_repeated(&batch, &sequence, SIZE_MAX / 2), -STATUS_NOMEM);
        assert_int_equal(batch.n, 0);
        sequence_deinit(&batch);
        sequence_deinit(&sequence);
        assert_int_equal(memory.used, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sequence_of_small_elements_costs_little),
                cmocka_unit_test(sequence_used_as_a_queue_stays_small),
                cmocka_unit_test(sequence_used_as_a_queue_is_seldom_moved),
                cmocka_unit_test(sequence_grows_geometrically_at_both_ends),
                cmocka_unit_test(sequence_gives_room_back_when_most_are_gone),
                cmocka_unit_test(sequence_filled_at_random_places_is_well_filled),
                cmocka_unit_test(sequence_reap_frees_as_many_chunks_as_it_may),
                cmocka_unit_test(sequence_without_memory_stays_as_it_was),
                cmocka_unit_test(sequence_refuses_counts_that_overflow),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
