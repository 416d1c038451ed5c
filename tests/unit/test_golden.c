/*
 * The bytes that PROTOCOL.md shows are the bytes that the code makes.
 */
#include "tests/lib/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "proto/auth.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/value.h"
#include "tests/lib/bytes.h"
#include "tests/lib/engine_harness.h"
#include "tests/lib/type_harness.h"

/* A row of a table: its cells without blanks and backquotes around them. */
struct row {
        char cells[3][1024];
        unsigned n;
};

static FILE *document;

static int open_document(void **state)
{
        (void)state;
        document = fopen("proto/PROTOCOL.md", "r");
        return document ? 0 : -1;
}

static int close_document(void **state)
{
        (void)state;
        return fclose(document);
}

static void split(struct row *row, char *line)
{
        row->n = 0;
        for (char *cell = strtok(line + 1, "|\n"); cell && row->n < 3; cell = strtok(NULL, "|\n")) {
                size_t size;

                cell += strspn(cell, " `");
                size = strlen(cell);
                while (size > 0 && strchr(" `", cell[size - 1]))
                        --size;
                if (size > 0)
                        snprintf(row->cells[row->n++], sizeof(row->cells[0]), "%.*s", (int)size,
                                 cell);
        }
}

/* Calls `check` for every row of the table below a heading, the head left out; returns how many. */
static unsigned each_row(const char *heading, void (*check)(void *data, const struct row *row),
                         void *data)
{
        char line[4096];
        struct row row;
        bool inside = false;
        unsigned n = 0;

        rewind(document);
        while (fgets(line, sizeof(line), document)) {
                if (line[0] == '#')
                        inside = strncmp(line, heading, strlen(heading)) == 0;
                if (!inside || line[0] != '|')
                        continue;
                if (n++ < 2)
                        continue;
                split(&row, line);
                check(data, &row);
        }
        return n > 2 ? n - 2 : 0;
}

static void check_value(void *data, const struct row *row)
{
        _buffer_cleanup_ struct buffer expected = BUFFER_NULL, packed = BUFFER_NULL,
                                       text = BUFFER_NULL;

        (void)data;
        assert_int_equal(row->n, 2);
        bytes_append_hex(&expected, row->cells[1]);
        harness_pack(&packed, row->cells[0]);
        value_repr(buffer_span(&expected), &text);
        buffer_append_byte(&text, 0);
        if (!span_equal(buffer_span(&packed), buffer_span(&expected)))
                fail_msg("%s is shown as %s, which is %s", row->cells[0], row->cells[1],
                         (const char *)text.data);
}

static void values_are_packed_as_shown(void **state)
{
        (void)state;
        assert_true(each_row("### Values", check_value, NULL) >= 20);
}

static void check_step(void *data, const struct row *row)
{
        struct engine_session *s = data;
        _buffer_cleanup_ struct buffer frame = BUFFER_NULL;
        struct request request;
        struct span payload;
        size_t taken;

        assert_int_equal(row->n, 3);
        if (strstr(row->cells[2], "…")) {
                /* only its beginning is shown */
                bytes_append_hex(&frame, strtok(strdupa(row->cells[2]), "…"));
                assert_int_equal(frame_next(buffer_span(&s->replies), FRAME_MAX, &payload, &taken),
                                 1);
                assert_memory_equal(payload.data, frame.data, frame.size);
                buffer_consume(&s->replies, taken);
                return;
        }
        bytes_append_hex(&frame, row->cells[2]);
        assert_int_equal(frame_next(buffer_span(&frame), FRAME_MAX, &payload, &taken), 1);
        assert_int_equal(taken, frame.size);
        if (strcmp(row->cells[0], "→") == 0) {
                assert_int_equal(request_decode(&request, &s->scanner, payload), 0);
                engine_request(s->engine, s->caller, &request, 0);
        } else {
                assert_true(s->replies.size >= frame.size);
                assert_memory_equal(s->replies.data, frame.data, frame.size);
                buffer_consume(&s->replies, frame.size);
        }
}

static void session_goes_as_shown(void **state)
{
        struct engine *engine = engine_harness_new(SIZE_MAX, 1 << 20);
        struct engine_session s;

        (void)state;
        engine_session_begin(&s, engine, 1);
        assert_true(each_row("### A session", check_step, &s) >= 8);
        assert_int_equal(s.replies.size, 0);
        engine_session_end(&s);
        engine_free(engine);
}

static void check_digest(void *data, const struct row *row)
{
        _buffer_cleanup_ struct buffer message = BUFFER_NULL, expected = BUFFER_NULL;
        uint8_t digest[AUTH_DIGEST_SIZE];

        assert_int_equal(row->n, 2);
        bytes_append_hex(&message, row->cells[0]);
        bytes_append_hex(&expected, row->cells[1]);
        assert_int_equal(expected.size, sizeof(digest));
        auth_digest(data, buffer_span(&message), digest);
        assert_memory_equal(digest, expected.data, sizeof(digest));
}

static void digests_are_as_shown(void **state)
{
        struct auth_key *key;

        (void)state;
        assert_int_equal(auth_key_new(&key, SPAN_LITERAL("supadupasecretkey")), 0);
        assert_true(each_row("### Digests", check_digest, key) >= 2);
        auth_key_free(key);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_are_packed_as_shown),
                cmocka_unit_test(session_goes_as_shown),
                cmocka_unit_test(digests_are_as_shown),
        };

        return cmocka_run_group_tests(tests, open_document, close_document);
}
