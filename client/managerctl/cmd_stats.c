/*
 * stats - the daemon's figures
 */
#include <inttypes.h>
#include <stdlib.h>

#include "client/managerctl/records.h"
#include "client/managerctl/show.h"
#include "client/managerctl/table.h"
#include "client/managerctl/text.h"

/* A pair of values, as mgr_compose() takes dicts. */
struct figure {
        mgr_value name, value; /* borrowed from the reply */
};

/* A limit that is none: as other limits, but beyond everything. */
static bool is_unlimited(const mgr_value *value)
{
        return value->kind == MGR_KIND_UINT && value->as.uinteger == UINT64_MAX;
}

/* By name: those that begin alike stand together. Texts, such as the version, come first. */
static int compare(const void *a, const void *b)
{
        const struct figure *x = a, *y = b;
        bool text_x = x->value.kind == MGR_KIND_STR, text_y = y->value.kind == MGR_KIND_STR;

        if (text_x != text_y)
                return text_y - text_x;
        return strcmp(mgr_cstr(&x->name), mgr_cstr(&y->name));
}

static bool ends_with(const char *text, const char *end)
{
        size_t n = strlen(text), n_end = strlen(end);

        return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

static bool is_bytes(const char *name)
{
        static const char *const names[] = { "memory_used", "memory_limit", "max_memory",
                                             "max_frame",   "max_queued",   "max_buffered",
                                             "buffered_now" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return strstr(name, "bytes") || ends_with(name, "_size");
}

static void write_number(FILE *out, const char *name, uint64_t n)
{
        if (is_bytes(name))
                text_write_bytes(out, n);
        else if (ends_with(name, "_ns"))
                text_write_duration(out, (double)n / 1e9);
        else
                fprintf(out, "%" PRIu64, n);
}

/* With its unit for people, as it is for awk. */
static char *make_cell(const struct ctl *ctl, const char *name, const mgr_value *value)
{
        char *text = NULL;
        size_t size;
        FILE *out;

        if (value->kind == MGR_KIND_NONE)
                return strdup("none");
        if (!ctl->terminal)
                return show_cell(value);
        if (value->kind != MGR_KIND_UINT && (value->kind != MGR_KIND_INT || value->as.integer < 0))
                return show_cell(value);
        out = open_memstream(&text, &size);
        if (!out)
                return NULL;
        write_number(out, name, value->as.uinteger);
        if (fclose(out) == 0)
                return text;
        free(text);
        return NULL;
}

static int show_table(const struct ctl *ctl, const struct figure *figures, size_t n)
{
        static const struct column columns[] = { { "NAME", false }, { "VALUE", false } };
        struct table *table = table_new(columns, 2, ctl->terminal);
        int r = table ? 0 : -1;

        for (size_t i = 0; r == 0 && i < n; ++i)
                r = table_add(table, (char *[]){ show_cell(&figures[i].name),
                                                 make_cell(ctl, mgr_cstr(&figures[i].name),
                                                           &figures[i].value) });
        if (r == 0)
                r = table_end(table);
        table_free(table);
        return r;
}

static int show_json(const struct figure *figures, size_t n)
{
        mgr_value stats;
        int code, r;

        r = mgr_compose(MGR_KIND_DICT, &figures->name, n, &stats);
        if (r < 0)
                return r == MGR_ENOMEM ? ctl_out_of_memory() : ctl_strange();
        code = record_show(&stats);
        mgr_value_clear(&stats);
        return code;
}

static int show(const struct ctl *ctl, const mgr_value *stats)
{
        size_t n = 0, n_all = mgr_value_len(stats);
        struct figure *figures = calloc(n_all + 1, sizeof(*figures));
        mgr_iter iter;
        int r = figures ? 0 : -1, code = EXIT_DONE;

        if (r == 0 && mgr_iter_init(&iter, stats) == 0)
                for (; n < n_all; ++n) {
                        if (!mgr_iter_next_item(&iter, &figures[n].name, &figures[n].value))
                                break;
                        if (is_unlimited(&figures[n].value))
                                figures[n].value = mgr_none();
                }
        if (r == 0 && ctl->options->json) {
                code = show_json(figures, n);
        } else if (r == 0) {
                qsort(figures, n, sizeof(*figures), compare);
                r = show_table(ctl, figures, n);
        }
        free(figures);
        return r == 0 ? code : ctl_out_of_memory();
}

static int run(struct ctl *ctl)
{
        mgr_value stats;
        int code, r;

        r = mgr_manager_call(ctl->m, "stats", NULL, 0, &stats);
        if (r < 0)
                return ctl_fail(r);
        if (stats.kind != MGR_KIND_DICT)
                code = ctl_strange();
        else
                code = show(ctl, &stats);
        mgr_value_clear(&stats);
        return code;
}

const struct command command_stats = {
        .name = "stats",
        .usage = "",
        .summary = "the daemon's counters, memory and limits",
        .help = "Prints everything that the daemon counts, sorted by name. On a terminal bytes\n"
                "and durations have units; elsewhere they are plain numbers, nanoseconds (_ns).\n"
                "A limit that is not set is none, with --json null. PROTOCOL.md, section 11,\n"
                "explains every figure.\n"
                "\n"
                "  managerctl stats\n"
                "  managerctl stats | awk '$1 == \"memory_used\" { print $2 }'\n"
                "  managerctl stats --json | jq .memory_used\n",
        .run = run,
};
