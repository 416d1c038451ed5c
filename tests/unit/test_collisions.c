/*
 * test_collisions - keys that collide under uthash's own hash collide nowhere here
 */
#include "tests/lib/cmocka.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>
#include <uthash.h>

#include "managerd/engine/state.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/scan.h"
#include "proto/value.h"
#include "tests/lib/colliding.h"
#include "tests/lib/engine_harness.h"

/*
 * With two entries a bucket on average, a chain of random keys is longer than this in less than
 * one of a million tables of that size.
 */
#define CHAIN_MAX 24

#define N_MANY  100000
#define N_NAMES 1000
#define TRIES   5

static void assert_shape(const struct table *table, size_t n_at_least)
{
        struct table_shape shape;

        assert_true(table_inspect(table, &shape));
        assert_true(shape.n_entries >= n_at_least);
        assert_true(shape.longest_chain <= CHAIN_MAX);
}

static void the_keys_collide_under_the_default_hash(void **state)
{
        uint8_t first[COLLIDING_KEY_SIZE], key[COLLIDING_KEY_SIZE];
        unsigned expected, hash;
        uint64_t at = 0;
        struct scanner scanner;

        (void)state;
        scanner_init(&scanner, SCAN_DEFAULT_DEPTH);
        colliding_packed(0, first);
        HASH_JEN(first, sizeof(first), expected);
        for (uint32_t n = 1; n < N_MANY; ++n) {
                colliding_packed(n, key);
                HASH_JEN(key, sizeof(key), hash);
                assert_int_equal(hash, expected);
                assert_memory_not_equal(key, first, sizeof(key));
                assert_int_equal(scan_whole(&scanner, span_of(key, sizeof(key))), 0);
                assert_true(value_is_canonical(span_of(key, sizeof(key))));
        }
        for (int n = 0; n < N_NAMES; ++n) {
                colliding_text(&at, key);
                HASH_JEN(key, sizeof(key), hash);
                assert_int_equal(hash, expected);
        }
        scanner_deinit(&scanner);
}

/* --- a table of values, as dicts have them */

static void in_a_table_of(uint32_t n)
{
        struct memory memory = { .limit = SIZE_MAX };
        struct table_world world = { .memory = &memory };
        _buffer_cleanup_ struct buffer scratch = BUFFER_NULL;
        uint8_t packed[COLLIDING_KEY_SIZE];
        struct table table;
        struct table_key key;

        randombytes_buf(world.hash_key, sizeof(world.hash_key));
        table_init(&table, &world);
        for (uint32_t i = 0; i < n; ++i) {
                colliding_packed(i, packed);
                assert_int_equal(table_key_from_value(&key, &table, span_of(packed, sizeof(packed)),
                                                      &scratch),
                                 0);
                assert_int_equal(table_set(&table, &key, span_of("\x01", 1), NULL), 0);
        }
        assert_int_equal(table_count(&table), n);
        assert_shape(&table, n);
        table_deinit(&table);
}

static void they_do_not_in_a_table(void **state)
{
        (void)state;
        in_a_table_of(20000);
        in_a_table_of(N_MANY);
}

/* --- the other tables of the daemon */

static void request_pack(struct buffer *out, const char *method, size_t n_args)
{
        buffer_truncate(out, 0);
        pack_array(out, 4);
        pack_nil(out);
        pack_cstr(out, method);
        pack_array(out, n_args);
}

/* The server-level call whose beginning and arguments have been packed. */
static struct reply request_call(struct engine_session *s, struct buffer *out)
{
        struct request request;
        struct reply reply;

        pack_map(out, 0);
        assert_int_equal(out->failed, 0);
        assert_int_equal(request_decode(&request, &s->scanner, buffer_span(out)), 0);
        buffer_truncate(&s->replies, 0);
        engine_request(s->engine, s->caller, &request, 1);
        assert_int_equal(reply_decode(&reply, &s->scanner,
                                      span_of(s->replies.data + 4, s->replies.size - 4)),
                         0);
        assert_int_equal(reply.kind, REPLY_RETURN);
        return reply;
}

static void they_do_not_in_the_tables_of_the_engine(void **state)
{
        struct engine *engine = engine_harness_new(SIZE_MAX, 1 << 20);
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        uint8_t name[COLLIDING_KEY_SIZE];
        struct engine_session s;
        uint64_t at = 0;

        (void)state;
        engine_session_begin(&s, engine, 1);
        for (int i = 0; i < N_NAMES; ++i) {
                colliding_text(&at, name);
                request_pack(&out, "open", 2);
                pack_cstr(&out, "dict");
                pack_str(&out, span_of(name, sizeof(name)));
                request_call(&s, &out);

                request_pack(&out, "lend", 1);
                pack_array(&out, 1);
                pack_uint(&out, engine->store.next_ident - 1);
                request_call(&s, &out);
        }
        /* The first has a client, the others are numbers that the daemon gives. */
        assert_shape(&engine->registry.names, N_NAMES);
        assert_shape(&engine->store.index, N_NAMES);
        assert_shape(&s.caller->image->references, N_NAMES);
        assert_shape(&engine->tickets.index, N_NAMES);
        for (uint64_t number = 2; number <= N_NAMES; ++number) {
                struct process_info info = { .number = number };
                struct process *process;

                assert_int_equal(processes_get(&engine->processes, &info, &process), 0);
        }
        assert_shape(&engine->processes.index, N_NAMES);
        engine_session_end(&s);
        engine_free(engine);
}

/* --- the search for equal keys in what arrives */

static double scan_seconds(struct scanner *scanner, struct span set)
{
        struct timespec begin, end;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        assert_int_equal(scan_whole(scanner, set), 0);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
}

/* A packed map of so many keys of 24 bytes, chosen or at random. */
static void pack_keys(struct buffer *out, uint32_t n, bool colliding)
{
        uint8_t key[COLLIDING_KEY_SIZE] = { 0xc4, COLLIDING_KEY_SIZE - 2 };

        pack_map(out, n);
        for (uint32_t i = 0; i < n; ++i) {
                if (colliding)
                        colliding_packed(i, key);
                else
                        randombytes_buf(key + 2, sizeof(key) - 2);
                buffer_append(out, key, sizeof(key));
                pack_nil(out);
        }
        assert_int_equal(out->failed, 0);
}

static void they_cost_no_more_where_equal_keys_are_searched(void **state)
{
        _buffer_cleanup_ struct buffer honest = BUFFER_NULL, hostile = BUFFER_NULL;
        struct scanner scanner;
        double least_honest = 1e9, least_hostile = 1e9;

        (void)state;
        scanner_init(&scanner, SCAN_DEFAULT_DEPTH);
        pack_keys(&honest, N_MANY, false);
        pack_keys(&hostile, N_MANY, true);
        for (int i = 0; i < TRIES; ++i) {
                double a = scan_seconds(&scanner, buffer_span(&honest));
                double b = scan_seconds(&scanner, buffer_span(&hostile));

                least_honest = a < least_honest ? a : least_honest;
                least_hostile = b < least_hostile ? b : least_hostile;
        }
        if (least_hostile > 1.5 * least_honest)
                print_error("%g s for honest keys, %g s for the others\n", least_honest,
                            least_hostile);
        assert_true(least_hostile <= 1.5 * least_honest);
        scanner_deinit(&scanner);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_keys_collide_under_the_default_hash),
                cmocka_unit_test(they_do_not_in_a_table),
                cmocka_unit_test(they_do_not_in_the_tables_of_the_engine),
                cmocka_unit_test(they_cost_no_more_where_equal_keys_are_searched),
        };

        if (sodium_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
