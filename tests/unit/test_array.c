/*
 * test_array - the type Array; check_array_python.py has what Python has, too
 */
#include <stdio.h>

#include "proto/pack.h"
#include "tests/lib/type_fixture.h"

static struct object *new_array(struct harness *h, const char *arguments)
{
        return new_object(h, &array_type, "%s", arguments);
}

static void assert_array(struct harness *h, struct object *array, const char *expected)
{
        assert_string_equal(harness_repr(h, array), expected);
}

static void array_is_made_from_what_pythons_is(void **state)
{
        static const char *const made[][2] = {
                { "'i', [1, -2, 3]", "array('i', [1, -2, 3])" },
                { "'b', (1, True)", "array('b', [1, 1])" },
                { "typecode='d', sequence={1: 2, 3: 4}, lock=False", "array('d', [1.0, 3.0])" },
                { "'H', b'abcd'", "array('H', [25185, 25699])" },
                { "'B', b'abc'", "array('B', [97, 98, 99])" },
                { "'u', 'a\\u80e1\\U0001f600'", "array('u', 'a\xe8\x83\xa1\xf0\x9f\x98\x80')" },
                { "'i', array('i', [7])", "array('i', [7])" },
                { "'q', array('i', [7, -8])", "array('q', [7, -8])" },
                { "'f', [0.1, 1e300]", "array('f', [0.10000000149011612, inf])" },
                { "'L', [18446744073709551615]", "array('L', [18446744073709551615])" },
                { "'i', []", "array('i')" },
        };
        static const char *const refused[][2] = {
                { "'i', 'abc'",
                  "TypeError: cannot use a str to initialize an array with typecode 'i'" },
                { "'i', array('u', 'a')", "TypeError: cannot use a unicode array to initialize an "
                                          "array with typecode 'i'" },
                { "'x', [1]",
                  "ValueError: bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)" },
                { "'x', 5", "TypeError: 'int' object is not iterable" },
                { "1, []", "TypeError: array() argument 1 must be a unicode character, not int" },
                { "None, []",
                  "TypeError: array() argument 1 must be a unicode character, not None" },
                { "'i', b'abc'", "ValueError: bytes length not a multiple of item size" },
                { "'u', b'\\xff\\xff\\xff\\xff'",
                  "ValueError: character U+ffffffff is not in range [U+0000; U+10ffff]" },
                { "'b', [1, 'x']", "TypeError: 'str' object cannot be interpreted as an integer" },
                { "'b', [1, 128]", "OverflowError: signed char is greater than maximum" },
        };
        struct harness *h = *state;

        for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); ++i) {
                struct object *array = new_array(h, made[i][0]);

                assert_array(h, array, made[i][1]);
                harness_release(h, array);
        }
        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); ++i)
                assert_not_created(h, &array_type, refused[i][0], refused[i][1]);
}

static void array_is_made_from_shared_objects(void **state)
{
        struct harness *h = *state;
        struct object *list = new_object(h, &list_type, "[1, 2, 3]");
        struct object *array =
                new_object(h, &array_type, "'h', proxy(%ju)", (uintmax_t)list->ident);
        struct object *copy =
                new_object(h, &array_type, "'h', proxy(%ju)", (uintmax_t)array->ident);
        struct object *wide =
                new_object(h, &array_type, "'d', proxy(%ju)", (uintmax_t)array->ident);

        assert_call(h, array, "__setitem__", "0, 9", "None");
        assert_array(h, copy, "array('h', [1, 2, 3])");
        assert_array(h, wide, "array('d', [1.0, 2.0, 3.0])");

        /* and they from it */
        harness_call(h, list, "extend", "proxy(%ju)", (uintmax_t)array->ident);
        assert_string_equal(harness_repr(h, list), "[1, 2, 3, 9, 2, 3]");
        harness_release(h, wide);
        harness_release(h, copy);
        harness_release(h, array);
        harness_release(h, list);
}

static void array_slices_take_and_give_arrays(void **state)
{
        struct harness *h = *state;
        struct object *array = new_array(h, "'i', [0, 1, 2, 3, 4]");
        struct object *other = new_array(h, "'i', [7, 8]");

        assert_call(h, array, "__getitem__", "slice(1, 4, None)", "array('i', [1, 2, 3])");
        assert_call(h, array, "__getitem__", "slice(None, None, -2)", "array('i', [4, 2, 0])");
        assert_call(h, array, "__setitem__", "slice(0, 1, None), array('i', [9, 9, 9])", "None");
        assert_array(h, array, "array('i', [9, 9, 9, 1, 2, 3, 4])");
        assert_call(h, array, "__setitem__", "slice(None, None, 2), array('i', [5, 6, 7, 8])",
                    "None");
        assert_array(h, array, "array('i', [5, 9, 6, 1, 7, 3, 8])");
        assert_call(h, array, "__setitem__", "slice(None, None, -2), array('i')", "None");
        assert_array(h, array, "array('i', [9, 1, 3])");
        harness_call(h, array, "__setitem__", "slice(1, 2, None), proxy(%ju)",
                     (uintmax_t)other->ident);
        assert_array(h, array, "array('i', [9, 7, 8, 3])");
        harness_call(h, array, "__setitem__", "slice(1, 1, None), proxy(%ju)",
                     (uintmax_t)array->ident);
        assert_array(h, array, "array('i', [9, 9, 7, 8, 3, 7, 8, 3])");
        harness_call(h, array, "__setitem__", "slice(None, None, -1), proxy(%ju)",
                     (uintmax_t)array->ident);
        assert_array(h, array, "array('i', [3, 8, 7, 3, 8, 7, 9, 9])");

        assert_call(h, array, "__setitem__", "slice(0, 1, None), [1]",
                    "TypeError: can only assign array (not \"list\") to array slice");
        assert_call(h, array, "__setitem__", "slice(0, 1, None), array('h', [1])",
                    "TypeError: bad argument type for built-in operation");
        assert_call(h, array, "__setitem__", "slice(None, None, 2), array('i', [1])",
                    "ValueError: attempt to assign array of size 1 to extended slice of size 4");
        assert_call(h, array, "__setitem__", "slice(None, None, None), array('i')", "None");
        assert_call(h, array, "__len__", "", "0");
        harness_release(h, other);
        harness_release(h, array);
}

static void array_changes_items_in_one_step(void **state)
{
        struct harness *h = *state;
        struct object *array = new_array(h, "'B', [1, 255]");
        struct object *reals = new_array(h, "'f', [0.1]");
        struct object *letters = new_array(h, "'u', 'ab'");

        assert_call(h, array, "incr", "0", "2");
        assert_call(h, array, "incr", "index=0, delta=-2", "0");
        assert_call(h, array, "incr", "1",
                    "OverflowError: unsigned byte integer is greater than maximum");
        assert_call(h, array, "incr", "0, 0.5",
                    "TypeError: 'float' object cannot be interpreted as an integer");
        assert_call(h, array, "incr", "2", "IndexError: array index out of range");
        assert_call(h, array, "compare_and_swap", "1, 255.0, 7", "True");
        assert_call(h, array, "compare_and_swap", "1, 8, 'no item'", "False");
        assert_call(h, array, "compare_and_swap", "1, 7, 'no item'",
                    "TypeError: 'str' object cannot be interpreted as an integer");
        assert_array(h, array, "array('B', [0, 7])");
        /* what is there, not what it was computed from */
        assert_call(h, reals, "incr", "0, 1", "1.100000023841858");
        assert_array(h, reals, "array('f', [1.100000023841858])");
        assert_call(h, letters, "incr", "0",
                    "TypeError: unsupported operand type(s) for +=: 'str' and 'int'");
        assert_call(h, letters, "compare_and_swap", "0, 'a', 'z'", "True");
        assert_array(h, letters, "array('u', 'zb')");
        harness_release(h, letters);
        harness_release(h, reals);
        harness_release(h, array);
}

static void array_page_walks_in_bounded_steps(void **state)
{
        struct harness *h = *state;
        struct object *array = new_array(h, "'i', [0, 1, 2, 3, 4]");
        struct object *big = new_object(h, &array_type, "'B', b'%020001d'", 0);

        assert_call(h, array, "page", "", "[None, [0, 1, 2, 3, 4]]");
        assert_call(h, array, "page", "0, 2", "[2, [0, 1]]");
        assert_call(h, array, "page", "start=4, count=2", "[None, [4]]");
        assert_call(h, array, "page", "None, 1", "[1, [0]]");
        assert_call(h, array, "page", "9", "[None, []]");
        assert_call(h, array, "page", "0, 0", "ValueError: count must be positive");
        assert_memory_equal(harness_call(h, big, "page", "0, 1000000"), "[10000, [48, 48,", 16);
        assert_memory_equal(harness_call(h, big, "page", "20000"), "[None, [48]]", 13);
        harness_release(h, big);
        harness_release(h, array);
}

/* --- memory */

static void array_takes_as_many_bytes_as_its_items(void **state)
{
        struct harness *h = *state;
        size_t before = h->store.memory.used, one;
        struct object *array = new_array(h, "'H', []");

        one = h->store.memory.used - before;
        harness_release(h, array);
        array = new_object(h, &array_type, "'H', b'%0*d'", 20000, 0);
        assert_int_equal(h->store.memory.used - before, one + 20000);
        assert_call(h, array, "__setitem__", "slice(5000, None, None), array('H')", "None");
        assert_int_equal(h->store.memory.used - before, one + 10000);
        assert_call(h, array, "__setitem__", "slice(None, None, None), array('H')", "None");
        assert_int_equal(h->store.memory.used - before, one);
        harness_release(h, array);
}

static void array_without_memory_stays_as_it_was(void **state)
{
        struct harness *h = *state;
        struct object *array = new_array(h, "'i', [1, 2, 3]");

        h->store.memory.limit = h->store.memory.used + 7;
        assert_call(h, array, "__setitem__", "slice(0, 1, None), array('i', [9, 9, 9])",
                    "MemoryError: out of memory");
        assert_array(h, array, "array('i', [1, 2, 3])");
        assert_call(h, array, "__setitem__", "slice(0, 1, None), array('i', [8, 9])", "None");
        h->store.memory.limit = h->store.memory.used;
        assert_call(h, array, "__setitem__", "slice(0, 1, None), array('i')", "None");
        assert_call(h, array, "__setitem__", "0, 5", "None");
        assert_array(h, array, "array('i', [5, 2, 3])");
        assert_null(harness_create(h, &array_type, "'i', [1]"));
        assert_int_equal(h->status, -STATUS_NOMEM);
        h->store.memory.limit = SIZE_MAX;
        harness_release(h, array);
}

static void array_that_is_big_is_freed_in_steps(void **state)
{
        _buffer_cleanup_ struct buffer items = BUFFER_NULL;
        struct harness *h = *state;
        struct object *array = new_array(h, "'d', []");
        size_t size = (size_t)8 << 20, before, steps = 0;
        uint8_t *to;

        pack_ext(&items, EXT_SLICE, SPAN_LITERAL("\x93\xc0\xc0\xc0"));
        to = buffer_reserve(&items, size + 7);
        assert_non_null(to);
        memcpy(to,
               "\xc9\x00\x80\x00\x01\x09"
               "d",
               7);
        memset(to + 7, 0, size);
        items.size += size + 7;
        assert_string_equal(harness_call_packed(h, array, "__setitem__", buffer_span(&items), 2),
                            "None");
        assert_call(h, array, "__len__", "", "1048576");

        before = h->store.memory.used;
        object_release(array);
        store_settle(&h->store);
        assert_true(h->store.memory.used + 1024 > before);
        while (store_reap(&h->store, 100))
                ++steps;
        assert_in_range(steps, size / 4096 / 100, size / 4096 / 100 + 2);
        assert_int_equal(h->store.memory.used, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TYPE_TEST(array_is_made_from_what_pythons_is),
                TYPE_TEST(array_is_made_from_shared_objects),
                TYPE_TEST(array_slices_take_and_give_arrays),
                TYPE_TEST(array_changes_items_in_one_step),
                TYPE_TEST(array_page_walks_in_bounded_steps),
                TYPE_TEST(array_takes_as_many_bytes_as_its_items),
                TYPE_TEST(array_without_memory_stays_as_it_was),
                TYPE_TEST(array_that_is_big_is_freed_in_steps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
