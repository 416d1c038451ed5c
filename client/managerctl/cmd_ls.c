/*
 * ls - all objects
 */
#include <fnmatch.h>

#include "client/managerctl/records.h"

#define PAGE 1000

/*
 * Moves `after` to the last ident of a page, where the next one begins, and to None where the
 * page is empty. Idents grow, so that a daemon which lies cannot keep us here for ever.
 */
static int move_on(const mgr_value *page, mgr_value *after)
{
        const mgr_value name = mgr_str("ident");
        mgr_value last, ident;
        int r;

        if (page->kind != MGR_KIND_LIST)
                return ctl_strange();
        if (mgr_value_len(page) == 0) {
                *after = mgr_none();
                return EXIT_DONE;
        }
        r = mgr_value_at(page, -1, &last);
        if (r == 0)
                r = mgr_value_find(&last, &name, &ident);
        if (r == MGR_ENOMEM)
                return ctl_out_of_memory();
        if (r < 0 || (ident.kind != MGR_KIND_INT && ident.kind != MGR_KIND_UINT) ||
            ident.as.uinteger <= after->as.uinteger)
                return ctl_strange();
        *after = ident; /* a number: it owns nothing */
        return EXIT_DONE;
}

/* Long names may make a page more than a reply may hold. */
static int fetch_page(const struct ctl *ctl, const mgr_value *after, mgr_value *page)
{
        int64_t count = PAGE;
        int r;

        do {
                const mgr_value args[] = { *after, mgr_int(count) };

                r = mgr_manager_call(ctl->m, "objects", args, 2, page);
                count /= 2;
        } while (r == MGR_ETOO_LARGE && count > 0);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

static int show_if_wanted(struct records *records, const mgr_value *record, const char *pattern)
{
        const mgr_value key = mgr_str("name");
        mgr_value name = mgr_none();

        if (!pattern)
                return records_add(records, record);
        if (mgr_value_find(record, &key, &name) == MGR_ENOMEM)
                return ctl_out_of_memory();
        if (name.kind != MGR_KIND_STR || fnmatch(pattern, mgr_cstr(&name), 0) != 0)
                return EXIT_DONE;
        return records_add(records, record);
}

static int show_page(struct records *records, const mgr_value *page, const char *pattern)
{
        int code = EXIT_DONE;
        mgr_value record;
        mgr_iter iter;

        if (mgr_iter_init(&iter, page) < 0)
                return ctl_strange();
        while (code == EXIT_DONE && mgr_iter_next(&iter, &record))
                code = show_if_wanted(records, &record, pattern);
        return code;
}

static int show_pages(struct ctl *ctl, struct records *records, const char *pattern)
{
        mgr_value after = mgr_int(0);
        int code = EXIT_DONE;

        while (code == EXIT_DONE && after.kind != MGR_KIND_NONE && ctl_can_write(ctl)) {
                mgr_value page;

                code = fetch_page(ctl, &after, &page);
                if (code != EXIT_DONE)
                        break;
                code = move_on(&page, &after);
                if (code == EXIT_DONE)
                        code = show_page(records, &page, pattern);
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
        .help = "Lists objects, the oldest first:\n"
                "  IDENT       the object's number\n"
                "  TYPEID      dict, list …\n"
                "  NAME        - without one; in JSON's quotes where it could be mistaken\n"
                "  LENGTH      how many elements; - where that means nothing\n"
                "  REFERENCES  of client processes, and one of the name\n"
                "  STORED      proxies of it in other objects\n"
                "  WAITERS     calls that wait for something of it\n"
                "PATTERN is a shell pattern for names; objects without a name match none.\n"
                "\n"
                "  managerctl ls\n"
                "  managerctl ls 'job:*'\n"
                "  managerctl ls | awk -F'\\t' '$4 > 1000 { print $1 }'\n"
                "  managerctl ls --json | jq -r '.[].name'\n",
        .max_args = 1,
        .run = run,
};
