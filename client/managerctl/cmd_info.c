/*
 * info - one object
 */
#include "client/managerctl/argument.h"
#include "client/managerctl/records.h"
#include "client/managerctl/show.h"
#include "client/managerctl/table.h"
#include "client/managerctl/text.h"

/* A list of names as words. */
static int write_words(FILE *out, const mgr_value *names)
{
        const char *separator = "";
        mgr_value name;
        mgr_iter iter;

        mgr_iter_init(&iter, names);
        while (mgr_iter_next(&iter, &name)) {
                fputs(separator, out);
                separator = " ";
                text_write_safe(out, mgr_cstr(&name), strlen(mgr_cstr(&name)));
        }
        return 0;
}

static char *make_cell(const mgr_value *value)
{
        if (value->kind == MGR_KIND_TUPLE || value->kind == MGR_KIND_LIST)
                return show_as_text(write_words, value);
        return show_cell(value);
}

static int show_fields(const struct ctl *ctl, const mgr_value *record)
{
        static const struct column columns[] = { { "FIELD", false }, { "VALUE", false } };
        struct table *table = table_new(columns, 2, ctl->terminal);
        mgr_value key, value;
        mgr_iter iter;
        int r = table ? 0 : -1;

        mgr_iter_init(&iter, record);
        while (r == 0 && mgr_iter_next_item(&iter, &key, &value))
                r = table_add(table, (char *[]){ show_cell(&key), make_cell(&value) });
        if (r == 0)
                r = table_end(table);
        table_free(table);
        if (r == 0)
                return EXIT_DONE;
        return ctl_out_of_memory();
}

static int show(const struct ctl *ctl, const mgr_value *record)
{
        if (record->kind != MGR_KIND_DICT)
                return ctl_strange();
        return ctl->options->json ? record_show(record) : show_fields(ctl, record);
}

static int run(struct ctl *ctl)
{
        const char *object = ctl->options->args[0];
        mgr_value what, record;
        int code, r;

        code = argument_object(object, &what);
        if (code != EXIT_DONE)
                return code;
        r = mgr_manager_call(ctl->m, "describe", &what, 1, &record);
        if (r < 0)
                return argument_fail(ctl, object, r);
        code = show(ctl, &record);
        mgr_value_clear(&record);
        return code;
}

const struct command command_info = {
        .name = "info",
        .usage = "OBJECT",
        .summary = "what the daemon knows of an object",
        .help = "Tells of one object:\n"
                "  ident       its number; what ls prints\n"
                "  typeid      dict, list …\n"
                "  name        - without one\n"
                "  references  of client processes, and one of the name\n"
                "  stored      proxies of it in other objects\n"
                "  waiters     calls that wait for something of it\n"
                "  length      how many elements; - where that means nothing\n"
                "  methods     what it can be called with\n"
                "\n"
                "  managerctl create dict scores\n"
                "  managerctl info scores\n"
                "  managerctl info scores --json | jq .length\n",
        .min_args = 1,
        .max_args = 1,
        .run = run,
};
