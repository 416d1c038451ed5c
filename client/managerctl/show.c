/*
 * show - values for people
 */
#include "client/managerctl/show.h"

#include <inttypes.h>
#include <stdlib.h>

#include "client/managerctl/ctl.h"
#include "client/managerctl/json.h"
#include "client/managerctl/text.h"

/* Whether argument_value() reads the text as a str: a little careful, as what is quoted is, too. */
static bool may_stand_bare(const char *text, size_t size)
{
        static const char *const words[] = { "true", "false", "null" };

        if (size == 0 || strchr(" -0123456789\"[{", text[0]) || text[size - 1] == ' ')
                return false;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i)
                if (strcmp(text, words[i]) == 0)
                        return false;
        return text_is_printable(text, size);
}

int show_value(FILE *out, const mgr_value *value)
{
        if (value->kind != MGR_KIND_STR ||
            !may_stand_bare(value->as.text.data, value->as.text.size))
                return json_write(out, value);
        fwrite(value->as.text.data, 1, value->as.text.size, out);
        return 0;
}

char *show_as_text(int (*write)(FILE *out, const mgr_value *value), const mgr_value *value)
{
        size_t size;
        char *text = NULL;
        FILE *out = open_memstream(&text, &size);
        int r;

        if (!out)
                return NULL;
        r = write(out, value);
        if (fclose(out) == 0 && r == 0)
                return text;
        free(text);
        return NULL;
}

/* Whether a text is what it looks like, and not the sign for none, or what is in quotes. */
static bool is_clear(const char *text, size_t size)
{
        if (size == 0 || (size == 1 && *text == '-') || strchr(" \"{", *text))
                return false;
        return text[size - 1] != ' ' && text_is_printable(text, size);
}

static int write_cell(FILE *out, const mgr_value *value)
{
        if (value->kind == MGR_KIND_NONE)
                putc('-', out);
        else if (value->kind == MGR_KIND_STR && is_clear(value->as.text.data, value->as.text.size))
                fwrite(value->as.text.data, 1, value->as.text.size, out);
        else if (value->kind == MGR_KIND_UINT)
                fprintf(out, "%" PRIu64, value->as.uinteger);
        else
                return json_write(out, value);
        return 0;
}

char *show_cell(const mgr_value *value)
{
        return show_as_text(write_cell, value);
}

int show_result(bool json, const mgr_value *value)
{
        int r = json ? json_write(stdout, value) : show_value(stdout, value);

        putchar('\n');
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}
