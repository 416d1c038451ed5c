/*
 * test_value - kinds, sizes, typed reading, walking
 */
#include "proto/pack.h"
#include "proto/value.h"
#include "tests/lib/check.h"

static const struct {
        const char *name;
        enum value_kind kind;
        struct span packed;
} samples[] = {
#define SAMPLE(name, kind, literal)                                                                \
        {                                                                                          \
                name, kind,                                                                        \
                {                                                                                  \
                        (const uint8_t *)(literal), sizeof(literal) - 1                            \
                }                                                                                  \
        }
        SAMPLE("NoneType", VALUE_NONE, "\xc0"),
        SAMPLE("bool", VALUE_BOOL, "\xc2"),
        SAMPLE("bool", VALUE_BOOL, "\xc3"),
        SAMPLE("int", VALUE_INT, "\x7f"),
        SAMPLE("int", VALUE_INT, "\xe0"),
        SAMPLE("int", VALUE_INT, "\xcc\xff"),
        SAMPLE("int", VALUE_INT, "\xcd\xff\xff"),
        SAMPLE("int", VALUE_INT, "\xce\xff\xff\xff\xff"),
        SAMPLE("int", VALUE_INT, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
        SAMPLE("int", VALUE_INT, "\xd0\x80"),
        SAMPLE("int", VALUE_INT, "\xd1\x80\x00"),
        SAMPLE("int", VALUE_INT, "\xd2\x80\x00\x00\x00"),
        SAMPLE("int", VALUE_INT, "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
        SAMPLE("float", VALUE_FLOAT, "\xca\x3f\x80\x00\x00"),
        SAMPLE("float", VALUE_FLOAT, "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
        SAMPLE("str", VALUE_STR, "\xa0"),
        SAMPLE("str", VALUE_STR,
               "\xa3"
               "abc"),
        SAMPLE("str", VALUE_STR,
               "\xd9\x03"
               "abc"),
        SAMPLE("str", VALUE_STR,
               "\xda\x00\x03"
               "abc"),
        SAMPLE("str", VALUE_STR,
               "\xdb\x00\x00\x00\x03"
               "abc"),
        SAMPLE("bytes", VALUE_BYTES,
               "\xc4\x03"
               "abc"),
        SAMPLE("bytes", VALUE_BYTES,
               "\xc5\x00\x03"
               "abc"),
        SAMPLE("bytes", VALUE_BYTES,
               "\xc6\x00\x00\x00\x03"
               "abc"),
        SAMPLE("list", VALUE_LIST, "\x90"),
        SAMPLE("list", VALUE_LIST,
               "\x92\x91\x01\xa1"
               "a"),
        SAMPLE("list", VALUE_LIST, "\xdc\x00\x01\x01"),
        SAMPLE("list", VALUE_LIST, "\xdd\x00\x00\x00\x01\x01"),
        SAMPLE("dict", VALUE_DICT, "\x80"),
        SAMPLE("dict", VALUE_DICT,
               "\x81\xa1"
               "a"
               "\x92\x01\x02"),
        SAMPLE("dict", VALUE_DICT, "\xde\x00\x01\x01\x02"),
        SAMPLE("dict", VALUE_DICT, "\xdf\x00\x00\x00\x01\x01\x02"),
        SAMPLE("tuple", VALUE_TUPLE, "\xd4\x01\x90"),
        SAMPLE("tuple", VALUE_TUPLE, "\xd5\x01\x91\x01"),
        SAMPLE("tuple", VALUE_TUPLE, "\xc8\x00\x02\x01\x91\x01"),
        SAMPLE("tuple", VALUE_TUPLE, "\xc9\x00\x00\x00\x02\x01\x91\x01"),
        SAMPLE("DictProxy", VALUE_TOKEN,
               "\xc7\x08\x02\x93\xa4"
               "dict"
               "\xc0\x01"),
        SAMPLE("AutoProxy", VALUE_TOKEN,
               "\xc7\x09\x02\x93\xa5"
               "Queue"
               "\xc0\x01"),
        SAMPLE("KeyError", VALUE_EXCEPTION,
               "\xc7\x0c\x03\x92\xa8"
               "KeyError"
               "\x91\x01"),
        SAMPLE("Exception", VALUE_EXCEPTION,
               "\xc7\x07\x03\x92\xa3"
               "Odd"
               "\x91\x01"),
        SAMPLE("set", VALUE_SET, "\xd5\x04\x91\x01"),
        SAMPLE("frozenset", VALUE_FROZENSET, "\xd5\x05\x91\x01"),
        SAMPLE("slice", VALUE_SLICE, "\xd6\x06\x93\x01\x02\xc0"),
        SAMPLE("NotImplementedType", VALUE_NOT_IMPLEMENTED, "\xc7\x00\x07"),
        SAMPLE("int", VALUE_BIG_INTEGER, "\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"),
        SAMPLE("array.array", VALUE_TYPED_ARRAY, "\xc7\x03\x09h\x01\x00"),
        SAMPLE("object", VALUE_OPAQUE,
               "\xc7\x07\x0a\x93\xa1"
               "p"
               "\xc4\x01x\xc3"),
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void kinds_names_and_sizes_are_told(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_SAMPLES; ++i) {
                assert_int_equal(value_kind(samples[i].packed), samples[i].kind);
                assert_string_equal(value_type_name(samples[i].packed), samples[i].name);
                assert_int_equal(value_size(samples[i].packed.data), samples[i].packed.size);
        }
}

static void size_of_deep_nesting_needs_no_stack(void **state)
{
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;

        (void)state;
        for (size_t i = 0; i < 1000000; ++i)
                pack_array(&out, 1);
        pack_nil(&out);
        assert_int_equal(value_size(out.data), 1000001);
}

static void integers_are_read_in_every_width(void **state)
{
        static const struct {
                struct span packed;
                int64_t number;
        } cases[] = {
                { { (const uint8_t *)"\x05", 1 }, 5 },
                { { (const uint8_t *)"\xcc\x05", 2 }, 5 },
                { { (const uint8_t *)"\xcd\x00\x05", 3 }, 5 },
                { { (const uint8_t *)"\xce\x00\x00\x00\x05", 5 }, 5 },
                { { (const uint8_t *)"\xcf\0\0\0\0\0\0\0\5", 9 }, 5 },
                { { (const uint8_t *)"\xd0\x05", 2 }, 5 },
                { { (const uint8_t *)"\xd1\xff\xfb", 3 }, -5 },
                { { (const uint8_t *)"\xd2\xff\xff\xff\xfb", 5 }, -5 },
                { { (const uint8_t *)"\xd3\xff\xff\xff\xff\xff\xff\xff\xfb", 9 }, -5 },
                { { (const uint8_t *)"\xfb", 1 }, -5 },
                { { (const uint8_t *)"\xc3", 1 }, 1 },
                { { (const uint8_t *)"\xc2", 1 }, 0 },
        };
        uint64_t big;
        int64_t small;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                assert_true(value_get_int64(cases[i].packed, &small));
                assert_int_equal(small, cases[i].number);
                assert_int_equal(value_get_uint64(cases[i].packed, &big), cases[i].number >= 0);
        }
        assert_true(value_get_uint64(V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), &big));
        assert_true(big == UINT64_MAX);
        assert_false(value_get_int64(V("\xcf\x80\0\0\0\0\0\0\0"), &small));
        assert_true(value_get_int64(V("\xd3\x80\0\0\0\0\0\0\0"), &small));
        assert_true(small == INT64_MIN);
        assert_false(value_get_int64(V("\xcb\x3f\xf0\0\0\0\0\0\0"), &small));
        assert_false(value_get_int64(V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"), &small));
        assert_false(value_get_int64(V("\xa1\x31"), &small));
}

static void numbers_are_read_as_doubles(void **state)
{
        _buffer_cleanup_ struct buffer big = BUFFER_NULL;
        uint8_t bytes[130] = { 1 };
        double number;

        (void)state;
        assert_true(value_get_number(V("\xc3"), &number) && number == 1);
        assert_true(value_get_number(V("\xfb"), &number) && number == -5);
        assert_true(value_get_number(V("\xca\x3f\xc0\0\0"), &number) && number == 1.5);
        assert_true(value_get_number(V("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), &number));
        assert_true(number == 0x1p64);
        assert_true(value_get_number(V("\xc7\x09\x08\x01\0\0\0\0\0\0\0\0"), &number));
        assert_true(number == 0x1p64);
        assert_false(value_get_number(V("\xa1\x31"), &number));
        assert_false(value_get_number(V("\xc0"), &number));
        pack_ext(&big, EXT_BIG_INTEGER, span_of(bytes, sizeof(bytes)));
        assert_false(value_get_number(buffer_span(&big), &number));
}

static void text_and_flags_are_read(void **state)
{
        struct span text;
        bool yes = false;

        (void)state;
        assert_true(value_get_str(V("\xd9\x03"
                                    "abc"),
                                  &text));
        check_text(text, "abc");
        assert_false(value_get_str(V("\xc4\x03"
                                     "abc"),
                                   &text));
        assert_true(value_get_bytes(V("\xc4\x03"
                                      "abc"),
                                    &text));
        check_text(text, "abc");
        assert_false(value_get_bytes(V("\xa3"
                                       "abc"),
                                     &text));
        assert_true(value_get_bool(V("\xc3"), &yes) && yes);
        assert_true(value_get_bool(V("\xc2"), &yes) && !yes);
        assert_false(value_get_bool(V("\x01"), &yes));
        assert_true(value_is_none(V("\xc0")));
        assert_false(value_is_none(V("\xc2")));
}

static void extensions_are_taken_apart(void **state)
{
        struct value_typed_array array;
        struct value_exception exception;
        struct value_opaque opaque;
        struct value_slice slice;
        struct value_token token;

        (void)state;
        assert_true(value_get_token(V("\xc7\x0a\x02\x93\xa4"
                                      "dict"
                                      "\xc0\xcd\x01\x2c"),
                                    &token));
        check_text(token.typeid, "dict");
        assert_true(span_is_absent(token.address));
        assert_int_equal(token.ident, 300);
        assert_true(value_get_token(V("\xc7\x0a\x02\x93\xa4"
                                      "list"
                                      "\xa2/x\x05"),
                                    &token));
        check_text(token.address, "/x");

        assert_true(value_get_slice(V("\xc7\x05\x06\x93\x01\xa1z\xc0"), &slice));
        check_span(slice.start, V("\x01"));
        check_span(slice.stop, V("\xa1z"));
        check_span(slice.step, V("\xc0"));

        assert_true(value_get_exception(V("\xc7\x0c\x03\x92\xa8"
                                          "KeyError"
                                          "\x91\x01"),
                                        &exception));
        check_text(exception.name, "KeyError");
        check_span(exception.args, V("\x91\x01"));

        assert_true(value_get_typed_array(V("\xc7\x05\x09h\x01\x00\x02\x00"), &array));
        assert_int_equal(array.typecode, 'h');
        assert_int_equal(array.item_size, 2);
        check_span(array.items, V("\x01\x00\x02\x00"));

        assert_true(value_get_opaque(V("\xc7\x07\x0a\x93\xa1p\xc4\x01x\xc3"), &opaque));
        check_text(opaque.codec, "p");
        check_text(opaque.payload, "x");
        assert_true(opaque.hashable);
}

static void extensions_of_another_kind_are_refused(void **state)
{
        struct value_typed_array array;
        struct value_exception exception;
        struct value_opaque opaque;
        struct value_slice slice;
        struct value_token token;

        (void)state;
        for (size_t i = 0; i < N_SAMPLES; ++i) {
                struct span value = samples[i].packed;
                enum value_kind kind = samples[i].kind;

                assert_int_equal(value_get_token(value, &token), kind == VALUE_TOKEN);
                assert_int_equal(value_get_slice(value, &slice), kind == VALUE_SLICE);
                assert_int_equal(value_get_exception(value, &exception), kind == VALUE_EXCEPTION);
                assert_int_equal(value_get_typed_array(value, &array), kind == VALUE_TYPED_ARRAY);
                assert_int_equal(value_get_opaque(value, &opaque), kind == VALUE_OPAQUE);
        }
}

static void check_walk(struct span value, size_t wanted_n, struct span first, struct span last,
                       size_t n_elements)
{
        struct value_iter iter;
        struct span element, end = SPAN_ABSENT;
        size_t n, n_seen = 0;

        assert_true(value_iter_init(&iter, value, &n));
        assert_int_equal(n, wanted_n);
        while (value_iter_next(&iter, &element)) {
                if (n_seen++ == 0)
                        check_span(element, first);
                end = element;
        }
        assert_int_equal(n_seen, n_elements);
        if (n_seen)
                check_span(end, last);
        assert_false(value_iter_next(&iter, &element));
}

static void containers_are_walked(void **state)
{
        struct value_iter iter;
        size_t n;

        (void)state;
        check_walk(V("\x93\x01\x91\x02\xa1z"), 3, V("\x01"), V("\xa1z"), 3);
        check_walk(V("\x90"), 0, SPAN_ABSENT, SPAN_ABSENT, 0);
        check_walk(V("\x82\xa1"
                     "a\x01\xa1"
                     "b\x92\x01\x02"),
                   2,
                   V("\xa1"
                     "a"),
                   V("\x92\x01\x02"), 4);
        check_walk(V("\xc7\x03\x01\x92\x01\x02"), 2, V("\x01"), V("\x02"), 2);
        check_walk(V("\xc7\x03\x04\x92\x01\x02"), 2, V("\x01"), V("\x02"), 2);
        check_walk(V("\xc7\x03\x05\x92\x01\x02"), 2, V("\x01"), V("\x02"), 2);
        for (size_t i = 0; i < N_SAMPLES; ++i) {
                enum value_kind kind = samples[i].kind;

                assert_int_equal(value_iter_init(&iter, samples[i].packed, &n),
                                 kind == VALUE_LIST || kind == VALUE_DICT || kind == VALUE_TUPLE ||
                                         kind == VALUE_SET || kind == VALUE_FROZENSET);
        }
}

struct visits {
        uint64_t sum;
        unsigned n, stop_after;
};

static int visit_sum(void *data, const struct value_token *token)
{
        struct visits *visits = data;

        visits->sum += token->ident;
        return ++visits->n == visits->stop_after ? 7 : 0;
}

#define TOKEN(ident) "\xc7\x05\x02\x93\xa1t\xc0" ident

static void tokens_are_found_however_deep(void **state)
{
        /* [token 1, {2: (token 2, "x")}, slice(token 4, None, 0), Err(token 8), 3] */
        static const char nested[] = "\x95" TOKEN("\x01") "\x81\x02\xc7\x0b\x01\x92" TOKEN(
                "\x02") "\xa1x"
                        "\xc7\x0b\x06\x93" TOKEN("\x04") "\xc0\x00"
                                                         "\xc7\x0d\x03\x92\xa2"
                                                         "Er\x91" TOKEN("\x08") "\x03";
        struct span value = span_of(nested, sizeof(nested) - 1);
        struct visits visits = { 0 };

        (void)state;
        assert_int_equal(value_size(value.data), value.size);
        assert_int_equal(value_visit_tokens(value, visit_sum, &visits), 0);
        assert_int_equal(visits.n, 4);
        assert_int_equal(visits.sum, 15);

        visits = (struct visits){ .stop_after = 2 };
        assert_int_equal(value_visit_tokens(value, visit_sum, &visits), 7);
        assert_int_equal(visits.sum, 3);

        visits = (struct visits){ 0 };
        assert_int_equal(value_visit_tokens(V(TOKEN("\x09")), visit_sum, &visits), 0);
        assert_int_equal(visits.sum, 9);
        assert_int_equal(value_visit_tokens(V("\x92\x01\x90"), visit_sum, &visits), 0);
        assert_int_equal(visits.n, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kinds_names_and_sizes_are_told),
                cmocka_unit_test(size_of_deep_nesting_needs_no_stack),
                cmocka_unit_test(integers_are_read_in_every_width),
                cmocka_unit_test(numbers_are_read_as_doubles),
                cmocka_unit_test(text_and_flags_are_read),
                cmocka_unit_test(extensions_are_taken_apart),
                cmocka_unit_test(extensions_of_another_kind_are_refused),
                cmocka_unit_test(containers_are_walked),
                cmocka_unit_test(tokens_are_found_however_deep),
        };

        return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
