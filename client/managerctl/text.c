/*
 * text - characters, and what of them may be shown to a terminal
 */
#include "client/managerctl/text.h"

#include <inttypes.h>
#include <string.h>

size_t text_decode(const char *text, size_t size, uint32_t *character)
{
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        unsigned char first = (unsigned char)text[0];
        size_t n = first < 0x80   ? 1
                   : first < 0xc0 ? 0
                   : first < 0xe0 ? 2
                   : first < 0xf0 ? 3
                   : first < 0xf8 ? 4
                                  : 0;
        uint32_t c = n == 1 ? first : first & (0x7fu >> n);

        if (n == 0 || n > size)
                return 0;
        for (size_t i = 1; i < n; ++i) {
                if (((unsigned char)text[i] & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | ((unsigned char)text[i] & 0x3f);
        }
        if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        *character = c;
        return n;
}

bool text_is_utf8(const char *text, size_t size)
{
        uint32_t c;

        while (size) {
                size_t n = text_decode(text, size, &c);

                if (n == 0)
                        return false;
                text += n;
                size -= n;
        }
        return true;
}

size_t text_boundary(const char *text, size_t at)
{
        for (size_t i = 0; i < 4 && i <= at; ++i)
                if (((unsigned char)text[at - i] & 0xc0) != 0x80)
                        return at - i;
        return at;
}

/* Controls, separators of lines, changes of direction, and what nobody sees. */
static bool is_control(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } ranges[] = {
                { 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },
                { 0x61c, 0x61c },     { 0x180e, 0x180e },   { 0x200b, 0x200b },
                { 0x200e, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
                { 0xfeff, 0xfeff },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },
                { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
        };

        if (c >= 0x20 && c < 0x7f)
                return false;
        for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); ++i)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return false;
}

bool text_is_printable(const char *text, size_t size)
{
        uint32_t c;

        while (size) {
                size_t n = text_decode(text, size, &c);

                if (n == 0 || is_control(c))
                        return false;
                text += n;
                size -= n;
        }
        return true;
}

static void write_escape(FILE *out, uint32_t c)
{
        static const char letters[] = "\b\t\n\f\r";
        const char *letter = c && c < 0x20 ? strchr(letters, (int)c) : NULL;

        if (letter)
                fprintf(out, "\\%c", "btnfr"[letter - letters]);
        else if (c < 0x10000)
                fprintf(out, "\\u%04" PRIx32, c);
        else
                fprintf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd7c0 + (c >> 10),
                        0xdc00 + (c & 0x3ff));
}

/* What needs no escape is written in one piece. */
static void write_text(FILE *out, const char *text, size_t size, bool quoted)
{
        const char *plain = text;

        while (size) {
                uint32_t c = (unsigned char)*text;
                size_t n = text_decode(text, size, &c);
                bool escaped = n == 0 || is_control(c);

                if (escaped || (quoted && (c == '"' || c == '\\'))) {
                        fwrite(plain, 1, (size_t)(text - plain), out);
                        if (escaped)
                                write_escape(out, c);
                        else
                                fprintf(out, "\\%c", (char)c);
                        plain = text + (n ? n : 1);
                }
                n = n ? n : 1;
                text += n;
                size -= n;
        }
        fwrite(plain, 1, (size_t)(text - plain), out);
}

void text_write_safe(FILE *out, const char *text, size_t size)
{
        write_text(out, text, size, false);
}

void text_write_quoted(FILE *out, const char *text, size_t size)
{
        putc('"', out);
        write_text(out, text, size, true);
        putc('"', out);
}

void text_write_bytes(FILE *out, uint64_t n)
{
        static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
        double x = (double)n / 1024;
        size_t i = 0;

        if (n < 1024) {
                fprintf(out, "%" PRIu64 " B", n);
                return;
        }
        for (; x >= 1023.95 && i + 1 < sizeof(units) / sizeof(units[0]); ++i)
                x /= 1024;
        fprintf(out, "%.1f %s", x, units[i]);
}

void text_write_duration(FILE *out, double seconds)
{
        if (seconds < 1e-6)
                fprintf(out, "%.0f ns", seconds * 1e9);
        else if (seconds < 1e-3)
                fprintf(out, "%.4g us", seconds * 1e6);
        else if (seconds < 1)
                fprintf(out, "%.4g ms", seconds * 1e3);
        else
                fprintf(out, "%.4g s", seconds);
}
