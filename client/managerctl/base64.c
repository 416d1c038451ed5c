/*
 * base64 - bytes as text
 */
#include "client/managerctl/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(FILE *out, const char *data, size_t size)
{
        for (size_t i = 0; i < size; i += 3) {
                size_t n = size - i < 3 ? size - i : 3;
                uint32_t bits = 0;

                for (size_t k = 0; k < 3; ++k)
                        bits = bits << 8 | (k < n ? (unsigned char)data[i + k] : 0);
                for (size_t k = 0; k < 4; ++k)
                        putc(k <= n ? alphabet[bits >> (18 - 6 * k) & 63] : '=', out);
        }
}

/* Four characters into three bytes; the last `n_padding` of them are '='. */
static int read_group(const char *text, size_t n_padding, char *data)
{
        uint32_t bits = 0;

        for (size_t k = 0; k < 4 - n_padding; ++k) {
                const char *letter = text[k] ? strchr(alphabet, text[k]) : NULL;

                if (!letter)
                        return -1;
                bits = bits << 6 | (uint32_t)(letter - alphabet);
        }
        bits <<= 6 * n_padding;
        /* bits that no byte takes would let two texts mean the same */
        if (bits & ((1u << (8 * n_padding)) - 1))
                return -1;
        for (size_t k = 0; k < 3 - n_padding; ++k)
                data[k] = (char)(bits >> (16 - 8 * k));
        return 0;
}

int base64_read(const char *text, size_t n, char *data, size_t *size)
{
        size_t n_padding = 0;

        if (n % 4)
                return -1;
        if (n && text[n - 1] == '=')
                n_padding = text[n - 2] == '=' ? 2 : 1;
        for (size_t i = 0; i < n; i += 4)
                if (read_group(text + i, i + 4 == n ? n_padding : 0, data + i / 4 * 3) < 0)
                        return -1;
        *size = n / 4 * 3 - n_padding;
        return 0;
}
