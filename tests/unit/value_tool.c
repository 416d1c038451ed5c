/*
 * value_tool - says what value.h makes of packed values
 *
 * The other half of check_value_python.py, which generates the values and knows
 * what Python makes of them. Reads commands from standard input, each a letter
 * and the values it takes, each value four bytes of length (big-endian) and its
 * bytes. Answers every command with the same kind of block: a letter for the
 * outcome ('=' and the result, or '!' and a text), four bytes of length, bytes.
 *   r value         its repr
 *   s value         its str
 *   c value         its canonical form, checked by scan
 *   h value         the name of the type that is not hashable, or nothing
 *   e value value   whether they are equal, "True" or "False"
 *   l value value   whether the first is less; '!' with both types' names
 *   a value value   their sum, packed
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/scan.h"
#include "proto/status.h"
#include "proto/value.h"

static _Noreturn void die(const char *why)
{
        fprintf(stderr, "value_tool: %s\n", why);
        exit(1);
}

/* Each value gets memory of its own size, so that a sanitizer sees reads beyond it. */
static struct span read_value(struct scanner *scanner)
{
        uint32_t size;
        uint8_t *bytes;

        if (fread(&size, sizeof(size), 1, stdin) != 1)
                die("cut short");
        size = ntohl(size);
        bytes = malloc(size);
        if (!bytes || fread(bytes, 1, size, stdin) != size)
                die("cut short");
        if (scan_whole(scanner, span_of(bytes, size)) < 0) {
                fprintf(stderr, "scan: %s\n", scanner->why);
                die("was given a value that scan refuses");
        }
        return span_of(bytes, size);
}

static void answer(char outcome, struct span result)
{
        uint32_t size = htonl((uint32_t)result.size);

        putchar(outcome);
        fwrite(&size, sizeof(size), 1, stdout);
        if (result.size)
                fwrite(result.data, 1, result.size, stdout);
}

static void answer_status(int r, const struct buffer *out)
{
        if (r < 0)
                answer('!', span_of_cstr(status_wire_name(r)));
        else
                answer('=', buffer_span(out));
}

static void answer_bool(int r, bool yes)
{
        if (r < 0)
                answer('!', span_of_cstr(status_wire_name(r)));
        else
                answer('=', span_of_cstr(yes ? "True" : "False"));
}

static void answer_less(struct span a, struct span b)
{
        struct span wrong[2];
        char text[128];
        bool less;
        int r = value_less(a, b, &less, wrong);

        if (r != -STATUS_TYPE) {
                answer_bool(r, less);
                return;
        }
        snprintf(text, sizeof(text), "'<' not supported between instances of '%s' and '%s'",
                 value_type_name(wrong[0]), value_type_name(wrong[1]));
        answer('!', span_of_cstr(text));
}

static void run(int command, struct scanner *scanner)
{
        struct span a = read_value(scanner), b = SPAN_ABSENT;
        _buffer_cleanup_ struct buffer out = BUFFER_NULL;
        const char *name;
        bool yes;
        int r;

        if (command == 'e' || command == 'l' || command == 'a')
                b = read_value(scanner);
        switch (command) {
        case 'r':
                answer_status(value_repr(a, &out), &out);
                break;
        case 's':
                answer_status(value_str(a, &out), &out);
                break;
        case 'c':
                r = value_canonical(a, &out, &yes);
                if (r == 0 && scan_whole(scanner, buffer_span(&out)) < 0)
                        die("made a canonical form that scan refuses");
                answer_status(r, &out);
                break;
        case 'h':
                name = value_unhashable(a);
                answer('=', span_of_cstr(name ? name : ""));
                break;
        case 'e':
                r = value_equal(a, b, &yes);
                answer_bool(r, yes);
                break;
        case 'l':
                answer_less(a, b);
                break;
        case 'a':
                r = value_add_numbers(a, b, &out);
                answer_status(r, &out);
                break;
        default:
                die("does not know this command");
        }
        free((void *)(uintptr_t)a.data);
        free((void *)(uintptr_t)b.data);
}

int main(void)
{
        struct scanner scanner;
        int command;

        scanner_init(&scanner, SCAN_MAX_DEPTH);
        while ((command = getchar()) != EOF)
                run(command, &scanner);
        scanner_deinit(&scanner);
        return ferror(stdout) ? 1 : 0;
}
