/*
 * ls - all objects
 */
#include <fnmatch.h>

#include "client/managerctl/records.h"

#define PAGE 1000

/* The last ident of a page, from where the next one goes on; None where the page is empty. */
static int last_ident(const mgr_value *page, mgr_value *ident)
{
        const mgr_value name = mgr_str("ident");
        mgr_value last;

        *ident = mgr_none();
        if (page->kind != MGR_KIND_LIST)
                return -1;
        if (mgr_value_len(page) == 0)
                return 0;
        if (mgr_value_at(page, -1, &last) < 0 || mgr_value_find(&last, &name, ident) < 0)
                return -1;
        return ident->kind == MGR_KIND_INT || ident->kind == MGR_KIND_UINT ? 0 : -1;
}

static bool is_wanted(const mgr_value *record, const char *pattern)
{
        const mgr_value key = mgr_str("name");
        mgr_value name;

        if (!pattern)
                return true;
        return mgr_value_find(record, &key, &name) == 0 && name.kind == MGR_KIND_STR &&
               fnmatch(pattern, mgr_cstr(&name), 0) == 0;
}

static int show_page(struct records *records, const mgr_value *page, const char *pattern)
{
        int code = EXIT_DONE;
        mgr_value record;
        mgr_iter iter;

        if (mgr_iter_init(&iter, page) < 0)
                return ctl_strange();
        while (code == EXIT_DONE && mgr_iter_next(&iter, &record))
                if (is_wanted(&record, pattern))
                        code = records_add(records, &record);
        return code;
}

static int show_pages(struct ctl *ctl, struct records *records, const char *pattern)
{
        mgr_value args[] = { mgr_int(0), mgr_int(PAGE) };
        int code = EXIT_DONE;

        while (code == EXIT_DONE && args[0].kind != MGR_KIND_NONE && ctl_can_write(ctl)) {
                mgr_value page, ident;
                int r = mgr_manager_call(ctl->m, "objects", args, 2, &page);

                if (r < 0)
                        return ctl_fail(r);
                if (last_ident(&page, &ident) < 0)
                        code = ctl_strange();
                else
                        code = show_page(records, &page, pattern);
                args[0] = ident; /* a number: it owns nothing */
                mgr_value_clear(&page);
        }
        return code;
}

static int run(struct ctl *ctl)
{
        static const char *const columns[] = { "ident",      "typeid", "name",    "length",
                                               "references", "stored", "waiters", NULL };
        struct records *records;
        int code;

        code = records_begin(&records, ctl, columns);
        if (code != EXIT_DONE)
                return code;
        return records_end(records, show_pages(ctl, records, ctl->options->args[0]));
}

const struct command command_ls = {
        .name = "ls",
        .usage = "[PATTERN]",
        .summary = "all objects, or those whose name matches",
        .help = "Lists objects, the oldest first: ident, typeid, name, length, references that\n"
                "processes hold, proxies of it that are stored in other objects, calls that wait.\n"
                "PATTERN is a shell pattern for names; objects without a name match none.\n"
                "\n"
                "  managerctl ls\n"
                "  managerctl ls 'job:*'\n"
                "  managerctl ls | awk -F'\\t' '$4 > 1000 { print $1 }'\n"
                "  managerctl ls --json | jq -r '.[].name'\n",
        .max_args = 1,
        .run = run,
};
