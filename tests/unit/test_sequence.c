/*
 * test_sequence - packed values in order, close together
 */
#include "tests/lib/bytes.h"
#include "tests/lib/sequence_fixture.h"

/* --- random changes against a plain array */

#define MODEL_MAX 1000
#define BATCH_MAX 300

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

static unsigned any_number(struct bytes_random *random)
{
        /* with stretches of small ones only */
        return bytes_random_below(random, 3) ? 60 + bytes_random_below(random, 40)
                                             : bytes_random_below(random, 1000);
}

/* A range within the model; often short, or at an end. */
static void any_range(const struct model *model, struct bytes_random *random, size_t *i, size_t *n)
{
        *i = bytes_random_below(random, (uint32_t)model->n + 1);
        if (bytes_random_below(random, 4) == 0)
                *i = 0;
        *n = bytes_random_below(random, (uint32_t)(model->n - *i) + 1);
        if (bytes_random_below(random, 2) && *n > 5)
                *n %= 5;
        if (bytes_random_below(random, 6) == 0)
                *i = model->n - *n;
}

static void change_by_splice(struct sequence *sequence, struct model *model,
                             struct bytes_random *random)
{
        unsigned numbers[BATCH_MAX];
        struct sequence batch;
        size_t i, n, n_new;

        any_range(model, random, &i, &n);
        n_new = bytes_random_below(random, bytes_random_below(random, 2) ? 5 : BATCH_MAX);
        if (model->n - n + n_new > MODEL_MAX)
                return;
        sequence_init(&batch, sequence->memory);
        for (size_t k = 0; k < n_new; ++k) {
                numbers[k] = any_number(random);
                append(&batch, numbers[k]);
        }
        assert_int_equal(sequence_reserve(sequence, i, n, &batch), 0);
        assert_elements(sequence, model->numbers, model->n);
        sequence_splice(sequence, i, n, &batch);
        sequence_deinit(&batch);
        model_replace(model, i, n, numbers, n_new);
}

static void change_stepwise(struct sequence *sequence, struct model *model,
                            struct bytes_random *random)
{
        size_t i = bytes_random_below(random, (uint32_t)model->n);
        size_t step = 1 + bytes_random_below(random, bytes_random_below(random, 2) ? 3 : 200);
        size_t n = bytes_random_below(random, (uint32_t)((model->n - 1 - i) / step) + 2);

        sequence_remove_stepwise(sequence, i, step, n);
        for (size_t k = n; k-- > 0;)
                model_replace(model, i + k * step, 1, NULL, 0);
}

static void change_by_repeating(struct sequence *sequence, struct model *model,
                                struct bytes_random *random)
{
        size_t n = model->n, times = bytes_random_below(random, 4);
        struct sequence batch;

        if (n * (times + 1) > MODEL_MAX)
                return;
        sequence_init(&batch, sequence->memory);
        assert_int_equal(sequence_append_repeated(&batch, sequence, times), 0);
        assert_int_equal(sequence_reserve(sequence, n, 0, &batch), 0);
        sequence_splice(sequence, n, 0, &batch);
        sequence_deinit(&batch);
        for (size_t k = 0; k < n * times; ++k)
                model->numbers[n + k] = model->numbers[k];
        model->n = n * (times + 1);
}

static void reverse(struct sequence *sequence, struct model *model)
{
        sequence_reverse(sequence);
        for (size_t k = 0; k < model->n / 2; ++k) {
                unsigned number = model->numbers[k];

                model->numbers[k] = model->numbers[model->n - 1 - k];
                model->numbers[model->n - 1 - k] = number;
        }
}

static void insert_some(struct sequence *sequence, struct model *model, struct bytes_random *random)
{
        size_t i = bytes_random_below(random, (uint32_t)model->n + 1);
        uint8_t text[VALUE_MAX];

        for (unsigned k = bytes_random_below(random, 20); k > 0 && model->n < MODEL_MAX; --k) {
                unsigned number = any_number(random);

                assert_int_equal(sequence_insert(sequence, i, value_of(number, text)), 0);
                model_replace(model, i, 0, &number, 1);
        }
}

static void change(struct sequence *sequence, struct model *model, struct bytes_random *random)
{
        unsigned number = any_number(random);
        uint8_t text[VALUE_MAX];
        size_t i, n;

        switch (bytes_random_below(random, 12)) {
        case 0:
        case 1:
                insert_some(sequence, model, random);
                break;
        case 2:
        case 3:
                change_by_splice(sequence, model, random);
                break;
        case 4:
                any_range(model, random, &i, &n);
                sequence_remove(sequence, i, n);
                model_replace(model, i, n, NULL, 0);
                break;
        case 5:
        case 6:
                if (!model->n)
                        break;
                i = bytes_random_below(random, (uint32_t)model->n);
                assert_int_equal(sequence_replace(sequence, i, value_of(number, text)), 0);
                model->numbers[i] = number;
                break;
        case 7:
                if (model->n && bytes_random_below(random, 3) == 0)
                        change_stepwise(sequence, model, random);
                break;
        case 8:
                reverse(sequence, model);
                break;
        case 9:
                change_by_repeating(sequence, model, random);
                break;
        default:
                for (; model->n < MODEL_MAX && bytes_random_below(random, 50); ++number) {
                        append(sequence, number);
                        model_replace(model, model->n, 0, &number, 1);
                }
                break;
        }
}

static void sequence_agrees_with_a_plain_array_under_random_changes(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 20201120 };
        struct model model = { .n = 0 };
        struct sequence sequence;

        (void)state;
        sequence_init(&sequence, &memory);
        for (unsigned i = 0; i < 6000; ++i) {
                change(&sequence, &model, &random);
                assert_elements(&sequence, model.numbers, model.n);
                assert_shapely(&sequence);
        }
        sequence_deinit(&sequence);
        assert_int_equal(memory.used, 0);
}

static void sequence_finds_every_element_and_walks_from_everywhere(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 7 };
        struct sequence_cursor cursor;
        unsigned numbers[MODEL_MAX];
        struct sequence sequence;
        uint8_t text[VALUE_MAX];
        struct span element = SPAN_ABSENT;

        (void)state;
        sequence_init(&sequence, &memory);
        for (size_t i = 0; i < MODEL_MAX; ++i) {
                numbers[i] = any_number(&random);
                append(&sequence, numbers[i]);
        }
        sequence_remove(&sequence, 0, 5);
        for (size_t i = 5; i < MODEL_MAX; ++i) {
                struct span value = value_of(numbers[i], text);

                assert_true(span_equal(sequence_at(&sequence, i - 5), value));
                sequence_walk(&sequence, i - 5, 1, &cursor);
                assert_true(sequence_next(&cursor, &element));
                assert_true(span_equal(element, value));
                assert_false(sequence_next(&cursor, &element));
        }
        sequence_deinit(&sequence);
}

static void sequence_packs_any_range_and_backwards(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL, expected = BUFFER_NULL;
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 8 };
        struct sequence sequence;

        (void)state;
        sequence_init(&sequence, &memory);
        for (size_t i = 0; i < MODEL_MAX; ++i)
                append(&sequence, any_number(&random));
        for (unsigned round = 0; round < 100; ++round) {
                size_t i = bytes_random_below(&random, MODEL_MAX + 1);
                size_t n = bytes_random_below(&random, (uint32_t)(MODEL_MAX - i) + 1);

                buffer_truncate(&out, 0);
                buffer_truncate(&expected, 0);
                sequence_pack(&sequence, i, n, &out);
                for (size_t k = i; k < i + n; ++k)
                        pack_packed(&expected, sequence_at(&sequence, k));
                assert_true(span_equal(buffer_span(&out), buffer_span(&expected)));
        }
        buffer_truncate(&out, 0);
        buffer_truncate(&expected, 0);
        sequence_pack_reversed(&sequence, &out);
        for (size_t k = MODEL_MAX; k > 0; --k)
                pack_packed(&expected, sequence_at(&sequence, k - 1));
        assert_true(span_equal(buffer_span(&out), buffer_span(&expected)));
        sequence_deinit(&sequence);
}

static void sequence_drops_and_turns_around_without_memory(void **state)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct bytes_random random = { 99 };
        struct model model = { .n = MODEL_MAX };
        struct sequence sequence;
        size_t i, n;

        (void)state;
        sequence_init(&sequence, &memory);
        for (i = 0; i < MODEL_MAX; ++i) {
                model.numbers[i] = any_number(&random);
                append(&sequence, model.numbers[i]);
        }
        while (model.n > 0) {
                memory.limit = memory.used;
                i = bytes_random_below(&random, (uint32_t)model.n);
                n = 1 + bytes_random_below(&random, 7) % (uint32_t)(model.n - i);
                sequence_remove(&sequence, i, n);
                model_replace(&model, i, n, NULL, 0);
                if (model.n)
                        change_stepwise(&sequence, &model, &random);
                reverse(&sequence, &model);
                assert_elements(&sequence, model.numbers, model.n);
                assert_sound(&sequence);
        }
        sequence_deinit(&sequence);
        assert_int_equal(memory.used, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sequence_agrees_with_a_plain_array_under_random_changes),
                cmocka_unit_test(sequence_finds_every_element_and_walks_from_everywhere),
                cmocka_unit_test(sequence_packs_any_range_and_backwards),
                cmocka_unit_test(sequence_drops_and_turns_around_without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
