/*
 * test_table - the hash table: order, growth, replacement, memory
 */
#include "tests/lib/cmocka.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <uthash.h>

#include "managerd/object/table.h"
#include "proto/pack.h"
#include "proto/status.h"
#include "proto/value.h"

struct fixture {
        struct memory memory;
        struct table_world world;
        struct table table;
        struct buffer packed, scratch;
};

static void fixture_init(struct fixture *f)
{
        *f = (struct fixture){
                .memory = { .limit = SIZE_MAX },
                .world = { .memory = &f->memory },
        };
        buffer_init(&f->packed, SIZE_MAX);
        buffer_init(&f->scratch, SIZE_MAX);
        randombytes_buf(f->world.hash_key, sizeof(f->world.hash_key));
        table_init(&f->table, &f->world);
}

static void fixture_deinit(struct fixture *f)
{
        table_deinit(&f->table);
        buffer_deinit(&f->packed);
        buffer_deinit(&f->scratch);
        assert_int_equal(f->memory.used, 0);
}

static struct table_key key_of_packed(struct fixture *f, const struct table *table)
{
        struct table_key key;

        assert_int_equal(f->packed.failed, 0);
        assert_int_equal(table_key_from_value(&key, table, buffer_span(&f->packed), &f->scratch),
                         0);
        return key;
}

static struct table_key key_of_int(struct fixture *f, int64_t number)
{
        buffer_truncate(&f->packed, 0);
        pack_int(&f->packed, number);
        return key_of_packed(f, &f->table);
}

static struct table_key key_of_float(struct fixture *f, double number)
{
        buffer_truncate(&f->packed, 0);
        pack_float(&f->packed, number);
        return key_of_packed(f, &f->table);
}

static void set_int(struct fixture *f, int64_t number, const char *value)
{
        struct table_key key = key_of_int(f, number);

        assert_int_equal(table_set(&f->table, &key, span_of_cstr(value), NULL), 0);
}

static struct table_entry *find_int(struct fixture *f, int64_t number)
{
        struct table_key key = key_of_int(f, number);

        return table_find(&f->table, &key);
}

static int64_t entry_int(const struct table_entry *entry)
{
        int64_t number = -1;

        assert_true(value_get_int64(table_entry_key(entry), &number));
        return number;
}

static void assert_value(const struct table_entry *entry, const char *value)
{
        assert_non_null(entry);
        assert_true(span_equal(table_entry_value(entry), span_of_cstr(value)));
}

/* The buckets agree with themselves, the order with itself, and with `keys`. */
static void assert_order(const struct table *table, const int64_t *keys, size_t n)
{
        struct table_entry *entry = table_first(table), *previous = NULL;
        struct table_shape shape;

        for (size_t i = 0; i < n; ++i) {
                assert_non_null(entry);
                assert_int_equal(entry_int(entry), keys[i]);
                assert_ptr_equal(table_previous(table, entry), previous);
                if (previous)
                        assert_true(table_entry_sequence(previous) < table_entry_sequence(entry));
                previous = entry;
                entry = table_next(table, entry);
        }
        assert_null(entry);
        assert_ptr_equal(table_last(table), previous);
        assert_int_equal(table_count(table), n);
        assert_true(table_inspect(table, &shape));
        assert_int_equal(shape.n_entries, n);
}

static void an_entry_is_found_by_any_spelling_and_keeps_the_first(void **state)
{
        struct fixture f;
        struct table_key key;
        struct table_entry *entry;

        (void)state;
        fixture_init(&f);
        key = key_of_float(&f, 1.0);
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL("float"), NULL), 0);
        set_int(&f, 1, "int");
        buffer_truncate(&f.packed, 0);
        pack_bool(&f.packed, true);
        key = key_of_packed(&f, &f.table);
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL("bool"), &entry), 0);

        assert_int_equal(table_count(&f.table), 1);
        assert_value(find_int(&f, 1), "bool");
        assert_ptr_equal(find_int(&f, 1), entry);
        assert_int_equal(value_kind(table_entry_key(entry)), VALUE_FLOAT);
        assert_null(find_int(&f, 2));
        fixture_deinit(&f);
}

static void an_unhashable_key_is_refused(void **state)
{
        struct fixture f;
        struct table_key key;

        (void)state;
        fixture_init(&f);
        pack_array(&f.packed, 0);
        assert_int_equal(table_key_from_value(&key, &f.table, buffer_span(&f.packed), &f.scratch),
                         -STATUS_TYPE);
        fixture_deinit(&f);
}

static void raw_bytes_are_keys_too(void **state)
{
        struct fixture f;
        struct table_key key;

        (void)state;
        fixture_init(&f);
        table_key_from_bytes(&key, &f.table, SPAN_LITERAL(""));
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL("empty"), NULL), 0);
        table_key_from_bytes(&key, &f.table, SPAN_LITERAL("\xc1\xff"));
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL(""), NULL), 0);
        table_key_from_bytes(&key, &f.table, SPAN_LITERAL(""));
        assert_value(table_find(&f.table, &key), "empty");
        table_key_from_bytes(&key, &f.table, SPAN_LITERAL("\xc1\xff"));
        assert_value(table_find(&f.table, &key), "");
        fixture_deinit(&f);
}

#define N_LARGE   1000000
#define MAX_CHAIN 24 /* with SipHash and 2 a bucket more is a matter of one in 10^12 */

static void buckets_grow_by_at_most_two_at_each_insertion(void **state)
{
        struct fixture f;
        struct table_shape shape, before = { .n_buckets = 4 };

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < 3000; ++i) {
                set_int(&f, i, "");
                assert_true(table_inspect(&f.table, &shape));
                assert_true(shape.n_buckets <= before.n_buckets + 2);
                assert_true(shape.n_entries <= shape.n_buckets * 2 + 1);
                before = shape;
        }
        assert_true(shape.n_buckets * 2 <= shape.n_entries + 8);
        fixture_deinit(&f);
}

static void a_million_entries_keep_short_chains_and_go_again(void **state)
{
        struct fixture f;
        struct table_shape shape;
        struct table_entry *entry;

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < N_LARGE; ++i)
                set_int(&f, i, "value");
        assert_true(table_inspect(&f.table, &shape));
        assert_int_equal(shape.n_entries, N_LARGE);
        assert_in_range(shape.n_buckets, N_LARGE / 2 - 1, N_LARGE / 2 + 1);
        assert_in_range(shape.longest_chain, 1, MAX_CHAIN);

        for (int64_t i = 0; i < N_LARGE; ++i)
                if (i % 1000)
                        table_remove(&f.table, find_int(&f, i));
        assert_true(table_inspect(&f.table, &shape));
        assert_int_equal(shape.n_entries, N_LARGE / 1000);
        assert_in_range(shape.n_buckets, N_LARGE / 2000, N_LARGE / 500 + 1);
        entry = table_first(&f.table);
        for (int64_t i = 0; i < N_LARGE; i += 1000, entry = table_next(&f.table, entry)) {
                assert_ptr_equal(entry, find_int(&f, i));
                assert_value(entry, "value");
        }
        assert_null(entry);
        fixture_deinit(&f);
}

static void replacing_a_value_keeps_place_and_sequence_whatever_its_size(void **state)
{
        static const int64_t keys[] = { 0, 1, 2, 3, 4 };
        struct fixture f;
        char *large = calloc(1, 100001);
        uint64_t sequences[5];

        (void)state;
        assert_non_null(large);
        memset(large, 'x', 100000);
        fixture_init(&f);
        for (int64_t i = 0; i < 5; ++i) {
                set_int(&f, i, "small");
                sequences[i] = table_entry_sequence(find_int(&f, i));
        }
        for (int64_t i = 0; i < 5; ++i) {
                size_t used = f.memory.used;
                uint64_t version = f.table.version;

                set_int(&f, i, large);
                assert_order(&f.table, keys, 5);
                assert_value(find_int(&f, i), large);
                assert_int_equal(f.memory.used, used + 100000 - strlen("small"));
                set_int(&f, i, "back");
                assert_order(&f.table, keys, 5);
                assert_value(find_int(&f, i), "back");
                assert_int_equal(table_entry_sequence(find_int(&f, i)), sequences[i]);
                assert_int_equal(f.memory.used, used - 1);
                assert_int_equal(f.table.version, version);
        }
        free(large);
        fixture_deinit(&f);
}

static void the_only_entry_can_be_replaced_by_a_larger_one(void **state)
{
        static const int64_t keys[] = { 7 };
        struct fixture f;

        (void)state;
        fixture_init(&f);
        set_int(&f, 7, "");
        set_int(&f, 7, "much longer than any rounding of the allocation would have left room for");
        assert_order(&f.table, keys, 1);
        table_remove(&f.table, find_int(&f, 7));
        assert_order(&f.table, NULL, 0);
        fixture_deinit(&f);
}

static void nan_keys_are_never_found_and_do_not_gather(void **state)
{
        struct fixture f;
        struct table_shape shape;
        struct table_key key;

        (void)state;
        fixture_init(&f);
        key = key_of_float(&f, (double)NAN);
        for (size_t i = 0; i < 100000; ++i) {
                assert_null(table_find(&f.table, &key));
                assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL(""), NULL), 0);
        }
        assert_true(table_inspect(&f.table, &shape));
        assert_int_equal(shape.n_entries, 100000);
        assert_in_range(shape.longest_chain, 1, MAX_CHAIN);

        /* the place of one is found by its sequence */
        assert_int_equal(table_entry_sequence(table_after(&f.table, 70000, &key)), 70001);
        fixture_deinit(&f);
}

#define N_COLLIDING    2000
#define COLLIDING_MASK 0xfffu

static void keys_that_collide_in_plain_uthash_do_not_here(void **state)
{
        struct fixture f;
        struct table_shape shape;
        struct table_key key;
        char text[32];
        unsigned hash;
        size_t n = 0;

        (void)state;
        fixture_init(&f);
        for (unsigned i = 0; n < N_COLLIDING; ++i) {
                int length = snprintf(text, sizeof(text), "k%u", i);

                HASH_JEN(text, (unsigned)length, hash);
                if (hash & COLLIDING_MASK)
                        continue;
                table_key_from_bytes(&key, &f.table, span_of(text, (size_t)length));
                assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL(""), NULL), 0);
                ++n;
        }
        assert_true(table_inspect(&f.table, &shape));
        assert_int_equal(shape.n_entries, N_COLLIDING);
        assert_in_range(shape.longest_chain, 1, MAX_CHAIN);
        fixture_deinit(&f);
}

static void without_memory_nothing_changes(void **state)
{
        static const int64_t keys[] = { 0, 1, 2 };
        struct fixture f;
        struct table_key key;
        struct table_entry *entry = NULL;
        size_t used;

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < 3; ++i)
                set_int(&f, i, "value");
        used = f.memory.used;
        f.memory.limit = used + 1;

        key = key_of_int(&f, 3);
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL(""), &entry), -STATUS_NOMEM);
        assert_null(entry);
        key = key_of_int(&f, 1);
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL("value..."), NULL), -STATUS_NOMEM);
        assert_order(&f.table, keys, 3);
        assert_value(find_int(&f, 1), "value");
        assert_int_equal(f.memory.used, used);

        /* what fits, and what frees, still works */
        set_int(&f, 1, "value.");
        set_int(&f, 1, "v");
        f.memory.limit = 0;
        set_int(&f, 0, "");
        table_remove(&f.table, find_int(&f, 1));
        assert_order(&f.table, (int64_t[]){ 0, 2 }, 2);
        fixture_deinit(&f);
}

static struct table_entry *after_int(struct fixture *f, uint64_t sequence, int64_t near)
{
        struct table_key key = key_of_int(f, near);

        return table_after(&f->table, sequence, &key);
}

static void after_finds_the_next_entry_though_others_went(void **state)
{
        struct fixture f;
        uint64_t sequences[10];

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < 10; ++i) {
                set_int(&f, i, "");
                sequences[i] = table_entry_sequence(find_int(&f, i));
        }
        assert_int_equal(entry_int(after_int(&f, 0, 0)), 0);
        assert_int_equal(entry_int(table_after(&f.table, 0, NULL)), 0);
        for (int64_t i = 0; i < 9; ++i) {
                assert_int_equal(entry_int(after_int(&f, sequences[i], i)), i + 1);
                assert_int_equal(entry_int(table_after(&f.table, sequences[i], NULL)), i + 1);
        }
        assert_null(after_int(&f, sequences[9], 9));
        assert_null(after_int(&f, UINT64_MAX, 9));

        /* the key went, and came back behind the others */
        for (int64_t i = 2; i < 8; ++i)
                table_remove(&f.table, find_int(&f, i));
        set_int(&f, 4, "");
        for (int64_t i = 1; i < 8; ++i)
                assert_int_equal(entry_int(after_int(&f, sequences[i], i)), 8);
        assert_int_equal(entry_int(after_int(&f, sequences[9], 9)), 4);
        fixture_deinit(&f);
}

static void moving_empties_one_table_and_fills_another(void **state)
{
        static const int64_t keys[] = { 0, 1, 2 };
        struct fixture f;
        struct table other;
        uint64_t next, version;

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < 3; ++i)
                set_int(&f, i, "value");
        next = f.table.next_sequence;
        version = f.table.version;
        table_init(&other, &f.world);
        table_move(&f.table, &other);

        assert_order(&other, keys, 3);
        assert_order(&f.table, NULL, 0);
        assert_int_not_equal(f.table.version, version);
        set_int(&f, 9, "");
        assert_int_equal(table_entry_sequence(table_first(&f.table)), next);
        table_deinit(&other);
        fixture_deinit(&f);
}

static void reaping_takes_no_more_than_its_budget(void **state)
{
        struct fixture f;
        size_t n_steps = 0, used;
        bool done = false;

        (void)state;
        fixture_init(&f);
        for (int64_t i = 0; i < 100000; ++i)
                set_int(&f, i, "value");
        while (!done) {
                size_t budget = 100, count = table_count(&f.table);

                used = f.memory.used;
                done = table_reap(&f.table, &budget);
                assert_true(f.memory.used <= used);
                if (!done) {
                        assert_int_equal(budget, 0);
                        assert_in_range(count - table_count(&f.table), 0, 100);
                }
                ++n_steps;
        }
        assert_in_range(n_steps, 1000, 1100);
        assert_int_equal(f.memory.used, 0);
        fixture_deinit(&f);
}

static void stage_int(struct fixture *f, struct table *stage, int64_t number, const char *value)
{
        struct table_key key = key_of_int(f, number);

        assert_int_equal(table_stage(stage, &f->table, &key, span_of_cstr(value)), 0);
}

static void merging_replaces_in_place_and_appends_in_order(void **state)
{
        struct fixture f;
        struct table stage;
        struct table_key key;
        uint64_t sequence;

        (void)state;
        fixture_init(&f);
        key = key_of_float(&f, 1.0);
        assert_int_equal(table_set(&f.table, &key, SPAN_LITERAL("old"), NULL), 0);
        for (int64_t i = 2; i < 30; ++i)
                set_int(&f, i, "old");
        sequence = f.table.next_sequence;

        table_stage_begin(&stage, &f.table);
        stage_int(&f, &stage, 31, "new");
        stage_int(&f, &stage, 29, "replaced");
        stage_int(&f, &stage, 1, "replaced");
        stage_int(&f, &stage, 30, "new");
        stage_int(&f, &stage, 31, "newer");
        assert_value(find_int(&f, 29), "old");
        table_merge(&f.table, &stage);

        assert_int_equal(table_count(&f.table), 31);
        assert_value(find_int(&f, 1), "replaced");
        assert_ptr_equal(find_int(&f, 1), table_first(&f.table));
        assert_int_equal(value_kind(table_entry_key(table_first(&f.table))), VALUE_FLOAT);
        assert_value(find_int(&f, 29), "replaced");
        assert_ptr_equal(table_next(&f.table, find_int(&f, 29)), find_int(&f, 31));
        assert_value(find_int(&f, 31), "newer");
        assert_int_equal(table_entry_sequence(find_int(&f, 31)), sequence);
        assert_value(table_last(&f.table), "new");
        assert_int_equal(entry_int(table_last(&f.table)), 30);
        table_remove(&f.table, table_first(&f.table));
        set_int(&f, 99, "");
        assert_order(&f.table,
                     (int64_t[]){ 2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
                                  18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31, 30, 99 },
                     31);
        fixture_deinit(&f);
}

static void merging_into_an_empty_table_moves_everything(void **state)
{
        struct fixture f;
        struct table stage;

        (void)state;
        fixture_init(&f);
        table_stage_begin(&stage, &f.table);
        stage_int(&f, &stage, 2, "two");
        stage_int(&f, &stage, 1, "one");
        table_merge(&f.table, &stage);
        set_int(&f, 3, "three");
        assert_order(&f.table, (int64_t[]){ 2, 1, 3 }, 3);
        fixture_deinit(&f);
}

static void a_stage_that_is_given_up_leaves_no_trace(void **state)
{
        struct fixture f;
        struct table stage;
        size_t used;

        (void)state;
        fixture_init(&f);
        set_int(&f, 1, "one");
        used = f.memory.used;
        table_stage_begin(&stage, &f.table);
        stage_int(&f, &stage, 1, "uno");
        stage_int(&f, &stage, 2, "due");
        table_deinit(&stage);
        assert_int_equal(f.memory.used, used);
        assert_order(&f.table, (int64_t[]){ 1 }, 1);
        assert_value(find_int(&f, 1), "one");
        fixture_deinit(&f);
}

/* --- against a model: an array of keys and sizes in order */

#define MODEL_MAX 2000

struct model {
        int64_t keys[MODEL_MAX];
        size_t sizes[MODEL_MAX];
        size_t n;
};

static size_t model_find(const struct model *model, int64_t key)
{
        size_t i = 0;

        while (i < model->n && model->keys[i] != key)
                ++i;
        return i;
}

static void model_remove(struct model *model, size_t i)
{
        --model->n;
        memmove(model->keys + i, model->keys + i + 1, (model->n - i) * sizeof(*model->keys));
        memmove(model->sizes + i, model->sizes + i + 1, (model->n - i) * sizeof(*model->sizes));
}

static void model_set(struct model *model, int64_t key, size_t size)
{
        size_t i = model_find(model, key);

        if (i == model->n) {
                model->keys[i] = key;
                ++model->n;
        }
        model->sizes[i] = size;
}

static struct table_key any_spelling(struct fixture *f, int64_t key)
{
        return rand() % 2 ? key_of_int(f, key) : key_of_float(f, (double)key);
}

static void assert_is_model(struct fixture *f, const struct model *model)
{
        struct table_entry *entry = table_first(&f->table);
        struct table_shape shape;
        double number;

        assert_true(table_inspect(&f->table, &shape));
        assert_int_equal(table_count(&f->table), model->n);
        for (size_t i = 0; i < model->n; ++i, entry = table_next(&f->table, entry)) {
                struct table_key key = any_spelling(f, model->keys[i]);

                assert_true(value_get_number(table_entry_key(entry), &number));
                assert_true(number == (double)model->keys[i]);
                assert_int_equal(table_entry_value(entry).size, model->sizes[i]);
                assert_ptr_equal(table_find(&f->table, &key), entry);
        }
        assert_null(entry);
}

static void random_operations_agree_with_an_array(void **state)
{
        static const uint8_t bytes[400];
        struct model *model = calloc(1, sizeof(*model));
        struct fixture f;

        (void)state;
        assert_non_null(model);
        fixture_init(&f);
        srand(1);
        for (size_t step = 0; step < 200000; ++step) {
                /* grows for a while, then shrinks */
                bool growing = step / 20000 % 2 == 0;
                int64_t number = rand() % MODEL_MAX;
                struct table_key key = any_spelling(&f, number);

                if (rand() % 4 < (growing ? 3 : 1)) {
                        size_t size = (size_t)rand() % (rand() % 4 ? 20 : sizeof(bytes));

                        assert_int_equal(table_set(&f.table, &key, span_of(bytes, size), NULL), 0);
                        model_set(model, number, size);
                } else {
                        struct table_entry *entry = table_find(&f.table, &key);
                        size_t i = model_find(model, number);

                        assert_int_equal(entry != NULL, i < model->n);
                        if (entry) {
                                table_remove(&f.table, entry);
                                model_remove(model, i);
                        }
                }
                if (step % 5000 == 0)
                        assert_is_model(&f, model);
        }
        assert_is_model(&f, model);
        fixture_deinit(&f);
        free(model);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_entry_is_found_by_any_spelling_and_keeps_the_first),
                cmocka_unit_test(an_unhashable_key_is_refused),
                cmocka_unit_test(raw_bytes_are_keys_too),
                cmocka_unit_test(buckets_grow_by_at_most_two_at_each_insertion),
                cmocka_unit_test(a_million_entries_keep_short_chains_and_go_again),
                cmocka_unit_test(replacing_a_value_keeps_place_and_sequence_whatever_its_size),
                cmocka_unit_test(the_only_entry_can_be_replaced_by_a_larger_one),
                cmocka_unit_test(nan_keys_are_never_found_and_do_not_gather),
                cmocka_unit_test(keys_that_collide_in_plain_uthash_do_not_here),
                cmocka_unit_test(without_memory_nothing_changes),
                cmocka_unit_test(after_finds_the_next_entry_though_others_went),
                cmocka_unit_test(moving_empties_one_table_and_fills_another),
                cmocka_unit_test(reaping_takes_no_more_than_its_budget),
                cmocka_unit_test(merging_replaces_in_place_and_appends_in_order),
                cmocka_unit_test(merging_into_an_empty_table_moves_everything),
                cmocka_unit_test(a_stage_that_is_given_up_leaves_no_trace),
                cmocka_unit_test(random_operations_agree_with_an_array),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
