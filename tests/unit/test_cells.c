/*
 * test_cells - a compact vector of packed values
 */
#include <stdio.h>

#include "managerd/types/cells.h"
#include "proto/status.h"
#include "tests/lib/bytes.h"
#include "tests/lib/cmocka.h"

#define CELL sizeof(struct cell)

static struct span value_of(unsigned number, char text[32])
{
        /* every third value is too long for its cell */
        int n = snprintf(text, 32, number % 3 ? "%u" : "%u: longer than a cell", number);

        return span_of(text, (size_t)n);
}

static void append(struct cells *cells, unsigned number)
{
        char text[32];

        assert_int_equal(cells_append(cells, value_of(number, text)), 0);
}

static void insert(struct cells *cells, size_t i, unsigned number)
{
        struct cell cell;
        char text[32];

        assert_int_equal(cells_reserve(cells, 1), 0);
        assert_int_equal(cell_init(&cell, cells->memory, value_of(number, text)), 0);
        cells_insert(cells, i, &cell);
}

static void assert_cells(const struct cells *cells, const unsigned *numbers, size_t n)
{
        char text[32];

        assert_int_equal(cells->n, n);
        for (size_t i = 0; i < n; ++i)
                assert_true(span_equal(cells_at(cells, i), value_of(numbers[i], text)));
}

/* What the formula says the vector costs. */
static size_t cost_of(const struct cells *cells)
{
        size_t cost = cells->n_room * CELL;

        for (size_t i = 0; i < cells->n; ++i)
                if (cells_at(cells, i).size > CELL_NEAR_MAX)
                        cost += cells_at(cells, i).size;
        return cost;
}

static void cells_hold_up_to_15_bytes_without_more_memory(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        const char *text = "0123456789abcdef";
        struct cells cells;
        size_t room;

        (void)state;
        cells_init(&cells, &memory);
        assert_int_equal(cells_reserve(&cells, 18), 0);
        room = memory.used;
        assert_int_equal(room, cells.n_room * CELL);
        for (size_t size = 0; size <= 15; ++size)
                assert_int_equal(cells_append(&cells, span_of(text, size)), 0);
        assert_int_equal(memory.used, room);
        assert_int_equal(cells_append(&cells, span_of(text, 16)), 0);
        assert_int_equal(memory.used, room + 16);

        for (size_t size = 0; size <= 16; ++size)
                assert_true(span_equal(cells_at(&cells, size), span_of(text, size)));
        cells_deinit(&cells);
        assert_int_equal(memory.used, 0);
        assert_null(cells.room);
}

#define MODEL_MAX 400

/* The same in the simplest way there is. */
struct model {
        unsigned numbers[MODEL_MAX];
        size_t n;
};

static void model_replace(struct model *model, size_t i, size_t n, const unsigned *numbers,
                          size_t n_numbers)
{
        memmove(&model->numbers[i + n_numbers], &model->numbers[i + n],
                (model->n - i - n) * sizeof(unsigned));
        if (n_numbers)
                memcpy(&model->numbers[i], numbers, n_numbers * sizeof(unsigned));
        model->n = model->n - n + n_numbers;
}

static void change_by_splice(struct cells *cells, struct model *model, struct bytes_random *random)
{
        size_t i = bytes_random_below(random, (uint32_t)model->n + 1);
        size_t n = bytes_random_below(random, (uint32_t)(model->n - i) + 1);
        size_t n_new = bytes_random_below(random, 12);
        unsigned numbers[12];
        struct cells from;

        if (model->n - n + n_new > MODEL_MAX)
                return;
        cells_init(&from, cells->memory);
        for (size_t k = 0; k < n_new; ++k) {
                numbers[k] = (unsigned)bytes_random_below(random, 1000);
                append(&from, numbers[k]);
        }
        if (n_new > n)
                assert_int_equal(cells_reserve(cells, n_new - n), 0);
        cells_splice(cells, i, n, &from);
        assert_int_equal(from.n, 0);
        assert_int_equal(from.n_room, 0);
        model_replace(model, i, n, numbers, n_new);
}

static void change_stepwise(struct cells *cells, struct model *model, struct bytes_random *random)
{
        size_t i = bytes_random_below(random, (uint32_t)model->n);
        size_t step = 1 + bytes_random_below(random, 4);
        size_t n = bytes_random_below(random, (uint32_t)((model->n - 1 - i) / step) + 2);

        cells_remove_stepwise(cells, i, step, n);
        for (size_t k = n; k-- > 0;)
                model_replace(model, i + k * step, 1, NULL, 0);
}

static void change_one(struct cells *cells, struct model *model, struct bytes_random *random)
{
        unsigned number = bytes_random_below(random, 1000);
        size_t i = model->n ? bytes_random_below(random, (uint32_t)model->n) : 0;
        struct cell cell;
        char text[32];

        switch (bytes_random_below(random, 8)) {
        case 0:
        case 1:
        case 2:
                if (model->n == MODEL_MAX)
                        break;
                insert(cells, i, number);
                model_replace(model, i, 0, &number, 1);
                break;
        case 3:
                change_by_splice(cells, model, random);
                break;
        case 4:
                if (!model->n)
                        break;
                cells_remove(cells, 0, 1);
                model_replace(model, 0, 1, NULL, 0);
                break;
        case 5:
                if (!model->n)
                        break;
                assert_int_equal(cell_init(&cell, cells->memory, value_of(number, text)), 0);
                cells_replace(cells, i, &cell);
                model->numbers[i] = number;
                break;
        case 6:
                if (model->n)
                        change_stepwise(cells, model, random);
                break;
        case 7:
                cells_reverse(cells);
                for (size_t k = 0; k < model->n / 2; ++k) {
                        number = model->numbers[k];
                        model->numbers[k] = model->numbers[model->n - 1 - k];
                        model->numbers[model->n - 1 - k] = number;
                }
                break;
        }
}

static void cells_agree_with_a_plain_array_under_random_changes(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 20201120 };
        struct model model = { .n = 0 };
        struct cells cells;

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 30000; ++i) {
                change_one(&cells, &model, &random);
                assert_cells(&cells, model.numbers, model.n);
                assert_int_equal(memory.used, cost_of(&cells));
                assert_true(cells.begin + cells.n <= cells.n_room);
        }
        cells_deinit(&cells);
        assert_int_equal(memory.used, 0);
}

static void cells_used_as_a_queue_stay_small(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;
        char text[32];

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 100; ++i)
                append(&cells, i);
        for (unsigned i = 100; i < 100000; ++i) {
                append(&cells, i);
                assert_true(span_equal(cells_at(&cells, 0), value_of(i - 100, text)));
                cells_remove(&cells, 0, 1);
                assert_true(cells.n_room < 250);
        }
        cells_deinit(&cells);
}

static void cells_used_as_a_full_queue_are_seldom_moved(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        unsigned n_moved = 0;
        struct cells cells;

        (void)state;
        cells_init(&cells, &memory);
        assert_int_equal(cells_reserve(&cells, 200), 0);
        assert_int_equal(cells.n_room, 200);
        for (unsigned i = 0; i < 200; ++i)
                append(&cells, i);
        for (unsigned i = 0; i < 10000; ++i) {
                size_t begin;

                cells_remove(&cells, 0, 1);
                begin = cells.begin;
                append(&cells, i);
                n_moved += cells.begin != begin;
        }
        assert_in_range(n_moved, 1, 150);
        cells_deinit(&cells);
}

static void cells_taken_from_the_front_do_not_move(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        const struct cell *last;
        struct cells cells;

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 1000; ++i)
                append(&cells, i);
        last = cells_first(&cells) + 999;
        cells_remove(&cells, 0, 1);
        cells_remove(&cells, 0, 99);
        assert_ptr_equal(cells_first(&cells) + 899, last);

        /* and the gap takes what is put in front */
        insert(&cells, 0, 5);
        assert_ptr_equal(cells_first(&cells) + 900, last);
        assert_int_equal(cells.begin, 99);
        cells_deinit(&cells);
}

static void cells_give_room_back_when_most_are_gone(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;
        unsigned left[5];

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 10000; ++i)
                append(&cells, i);
        while (cells.n > 5)
                cells_remove(&cells, 3, 1);
        assert_true(cells.n_room <= 32);
        assert_int_equal(memory.used, cost_of(&cells));
        for (unsigned i = 0; i < 5; ++i)
                left[i] = i < 3 ? i : 9995 + i;
        assert_cells(&cells, left, 5);
        cells_deinit(&cells);
}

static void cells_grow_geometrically(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;
        unsigned n_grown = 0;

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 100000; ++i) {
                size_t room = cells.n_room;

                append(&cells, i);
                n_grown += cells.n_room != room;
        }
        assert_in_range(n_grown, 10, 40);
        cells_deinit(&cells);
}

static void cells_reap_frees_as_many_as_it_may(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;
        size_t budget, before;

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 1000; ++i)
                append(&cells, i);
        before = memory.used;
        budget = 300;
        assert_false(cells_reap(&cells, &budget));
        assert_int_equal(budget, 0);
        assert_int_equal(cells.n, 700);
        assert_true(memory.used < before);
        assert_int_equal(memory.used, cost_of(&cells));

        budget = 900;
        assert_true(cells_reap(&cells, &budget));
        assert_int_equal(budget, 200);
        assert_int_equal(memory.used, 0);
        assert_true(cells_reap(&cells, &budget));
        assert_int_equal(budget, 200);
}

static void cells_reap_gives_a_big_room_back_in_pieces(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;
        size_t budget, before, largest = 0;

        (void)state;
        cells_init(&cells, &memory);
        for (unsigned i = 0; i < 400000; ++i)
                append(&cells, i);
        cells_remove(&cells, 0, 150000);
        for (bool done = false; !done;) {
                before = memory.used;
                budget = 10000;
                done = cells_reap(&cells, &budget);
                if (before - memory.used > largest)
                        largest = before - memory.used;
        }
        /* the first piece has the unused end in it as well */
        assert_true(largest < 250000 * CELL + 10000 * 32);
        assert_int_equal(memory.used, 0);
}

/* With every limit up to where it succeeds: fails with everything as it was. */
static void assert_fails_cleanly(int (*change)(struct cells *cells))
{
        bool succeeded = false;

        for (size_t more = 0; !succeeded; ++more) {
                struct memory memory = { .limit = SIZE_MAX };
                struct cells cells;
                unsigned numbers[7] = { 0, 1, 2, 3, 4, 5, 6 };
                int r;

                cells_init(&cells, &memory);
                for (unsigned i = 0; i < 7; ++i)
                        append(&cells, numbers[i]);
                memory.limit = memory.used + more;
                r = change(&cells);
                succeeded = r == 0;
                if (!succeeded) {
                        assert_int_equal(r, -STATUS_NOMEM);
                        assert_cells(&cells, numbers, 7);
                }
                assert_int_equal(memory.used, cost_of(&cells));
                cells_deinit(&cells);
                assert_int_equal(memory.used, 0);
        }
}

static int change_append(struct cells *cells)
{
        return cells_append(cells, SPAN_LITERAL("a value that is longer than a cell"));
}

static int change_reserve(struct cells *cells)
{
        return cells_reserve(cells, 30);
}

static int change_repeat(struct cells *cells)
{
        return cells_repeat(cells, 5);
}

static void cells_without_memory_stay_as_they_were(void **state)
{
        (void)state;
        assert_fails_cleanly(change_append);
        assert_fails_cleanly(change_reserve);
        assert_fails_cleanly(change_repeat);
}

static void cells_refuse_counts_that_overflow(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells cells;

        (void)state;
        cells_init(&cells, &memory);
        append(&cells, 1);
        append(&cells, 2);
        assert_int_equal(cells_reserve(&cells, SIZE_MAX), -STATUS_NOMEM);
        assert_int_equal(cells_reserve(&cells, SIZE_MAX / CELL), -STATUS_NOMEM);
        assert_int_equal(cells_repeat(&cells, SIZE_MAX), -STATUS_NOMEM);
        assert_int_equal(cells_repeat(&cells, SIZE_MAX / 2 + 2), -STATUS_NOMEM);
        assert_int_equal(cells.n, 2);
        cells_deinit(&cells);
        assert_int_equal(memory.used, 0);
}

static void cells_repeat_copies_everything_each_time(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        const unsigned expected[] = { 3, 4, 6, 3, 4, 6, 3, 4, 6 };
        struct cells cells;

        (void)state;
        cells_init(&cells, &memory);
        append(&cells, 3);
        append(&cells, 4);
        append(&cells, 6);
        assert_int_equal(cells_repeat(&cells, 1), 0);
        assert_cells(&cells, expected, 3);
        assert_int_equal(cells_repeat(&cells, 3), 0);
        assert_cells(&cells, expected, 9);
        cells_remove(&cells, 0, 3);
        assert_cells(&cells, expected, 6);
        cells_deinit(&cells);
        assert_int_equal(memory.used, 0);
}

static void cells_swap_one_exchanges_owners(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct cells a, b;

        (void)state;
        cells_init(&a, &memory);
        cells_init(&b, &memory);
        append(&a, 1);
        append(&a, 3);
        append(&b, 6);
        cells_swap_one(&a, 1, &b, 0);
        assert_cells(&a, (const unsigned[]){ 1, 6 }, 2);
        assert_cells(&b, (const unsigned[]){ 3 }, 1);
        cells_swap(&a, &b);
        assert_cells(&b, (const unsigned[]){ 1, 6 }, 2);
        cells_deinit(&a);
        assert_cells(&b, (const unsigned[]){ 1, 6 }, 2);
        cells_deinit(&b);
        assert_int_equal(memory.used, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(cells_hold_up_to_15_bytes_without_more_memory),
                cmocka_unit_test(cells_agree_with_a_plain_array_under_random_changes),
                cmocka_unit_test(cells_used_as_a_queue_stay_small),
                cmocka_unit_test(cells_used_as_a_full_queue_are_seldom_moved),
                cmocka_unit_test(cells_taken_from_the_front_do_not_move),
                cmocka_unit_test(cells_give_room_back_when_most_are_gone),
                cmocka_unit_test(cells_grow_geometrically),
                cmocka_unit_test(cells_reap_frees_as_many_as_it_may),
                cmocka_unit_test(cells_reap_gives_a_big_room_back_in_pieces),
                cmocka_unit_test(cells_without_memory_stay_as_they_were),
                cmocka_unit_test(cells_refuse_counts_that_overflow),
                cmocka_unit_test(cells_repeat_copies_everything_each_time),
                cmocka_unit_test(cells_swap_one_exchanges_owners),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
