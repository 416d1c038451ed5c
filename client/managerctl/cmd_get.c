/*
 * get - an object's value, or parts of it
 */
#include <stdlib.h>

#include "client/managerctl/argument.h"
#include "client/managerctl/content.h"
#include "client/managerctl/element.h"
#include "client/managerctl/show.h"

/* object[key]: a dict's key, a list's index, which may be negative, or a Namespace's attribute. */
static int get_one(const struct ctl *ctl, const mgr_proxy *proxy, const char *text,
                   mgr_value *value)
{
        mgr_value key;
        int code, r;

        code = argument_key(ctl, text, &key);
        if (code != EXIT_DONE)
                return code;
        r = element_get(proxy, &key, value);
        mgr_value_clear(&key);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

static int show_many(const struct ctl *ctl, const mgr_value *values, size_t n)
{
        mgr_value list;
        int code = EXIT_DONE, r;

        if (!ctl->options->json) {
                for (size_t i = 0; code == EXIT_DONE && i < n; ++i)
                        code = show_result(false, &values[i]);
                return code;
        }
        r = mgr_compose(MGR_KIND_LIST, values, n, &list);
        if (r < 0)
                return ctl_fail(r);
        code = show_result(true, &list);
        mgr_value_clear(&list);
        return code;
}

/* Nothing is shown where one of them is missing. */
static int get_keys(const struct ctl *ctl, const mgr_proxy *proxy)
{
        char **keys = ctl->options->args + 1;
        size_t n_keys = ctl->options->n_args - 1, n = 0;
        mgr_value *values = calloc(n_keys, sizeof(*values));
        int code = EXIT_DONE;

        if (!values)
                return ctl_out_of_memory();
        while (code == EXIT_DONE && n < n_keys) {
                code = get_one(ctl, proxy, keys[n], &values[n]);
                n += code == EXIT_DONE;
        }
        if (code == EXIT_DONE && n == 1)
                code = show_result(ctl->options->json, &values[0]);
        else if (code == EXIT_DONE)
                code = show_many(ctl, values, n);
        argument_values_free(values, n);
        return code;
}

static int run(struct ctl *ctl)
{
        mgr_proxy *proxy;
        int code;

        code = argument_proxy(ctl, ctl->options->args[0], &proxy);
        if (code != EXIT_DONE)
                return code;
        if (ctl->options->n_args > 1)
                code = get_keys(ctl, proxy);
        else
                code = content_show(ctl, proxy);
        mgr_proxy_free(proxy);
        return code;
}

const struct command command_get = {
        .name = "get",
        .usage = "[--limit N] [--str] OBJECT [KEY…]",
        .summary = "an object's value, or those of some keys",
        .help = "Without KEY the whole value: of a dict a line for each key, of a list or set one\n"
                "for each element. With KEY the value of that key, the element at that index,\n"
                "or that attribute; several are fetched one after another. A str stands bare\n"
                "where it could not be taken for anything else; --json is exact. On a terminal\n"
                "long keys are cut. Locks and the like have no value: their state is shown.\n"
                "  --limit N  at most N elements, 0: all; the default is 1000 for a table on a\n"
                "             terminal, and all of them elsewhere and with --json\n"
                "  --str      keys are str, whatever they look like\n"
                "\n"
                "  managerctl create dict scores '{\"alice\": 7, \"5\": \"five\"}'\n"
                "  managerctl get scores\n"
                "  managerctl get scores alice\n"
                "  managerctl get scores '\"5\"'       # the key \"5\"; without quotes it is 5\n"
                "  managerctl set scores '[2, 3]' 1\n"
                "  managerctl get scores '[2, 3]'    # the key (2, 3)\n"
                "  managerctl create list jobs '[1, 2]'\n"
                "  managerctl get jobs -1            # the last element\n"
                "  managerctl get --json scores > scores.json\n",
        .options = OPTION_LIMIT | OPTION_STR,
        .min_args = 1,
        .max_args = ARGUMENTS_ANY,
        .run = run,
};
