/*
 * call - any method of an object
 */

#include "client/managerctl/argument.h"
#include "client/managerctl/show.h"

/* Those of --kw as a dict. */
static int read_kw(const struct ctl *ctl, mgr_value *kwds)
{
        mgr_builder *builder;
        int code = EXIT_DONE;
        int r = mgr_builder_new(&builder);

        if (r < 0)
                return ctl_fail(r);
        mgr_builder_begin(builder, MGR_KIND_DICT);
        for (size_t i = 0; code == EXIT_DONE && i < ctl->options->n_kw; ++i) {
                const char *text = ctl->options->kw[i], *equals = strchr(text, '=');
                const mgr_value name = mgr_strn(text, (size_t)(equals - text));
                mgr_value value;

                code = argument_value(ctl, equals + 1, &value);
                if (code != EXIT_DONE)
                        break;
                mgr_builder_add_value(builder, &name);
                mgr_builder_add_value(builder, &value);
                mgr_value_clear(&value);
        }
        mgr_builder_end(builder);
        r = code == EXIT_DONE ? mgr_builder_finish(builder, kwds) : 0;
        mgr_builder_free(builder);
        if (r == MGR_ENOMEM)
                return ctl_fail(r);
        return r < 0 ? ctl_misuse("--kw: %s", mgr_errmsg()) : code;
}

static int make(const struct ctl *ctl, const mgr_proxy *proxy, const mgr_value *args, size_t n_args)
{
        const char *method = ctl->options->args[1];
        mgr_value kwds = mgr_none(), result;
        int code = EXIT_DONE, r;

        if (ctl->options->n_kw)
                code = read_kw(ctl, &kwds);
        if (code != EXIT_DONE)
                return code;
        r = mgr_proxy_call_kw(proxy, method, args, n_args, ctl->options->n_kw ? &kwds : NULL,
                              &result);
        mgr_value_clear(&kwds);
        if (r < 0)
                return ctl_fail(r);
        code = show_result(ctl->options->json, &result);
        mgr_value_clear(&result);
        return code;
}

static int run(struct ctl *ctl)
{
        mgr_proxy *proxy;
        mgr_value *values;
        size_t n;
        int code;

        code = argument_proxy(ctl, ctl->options->args[0], &proxy);
        if (code != EXIT_DONE)
                return code;
        code = argument_values(ctl, 2, &values, &n);
        if (code == EXIT_DONE)
                code = make(ctl, proxy, values, n);
        argument_values_free(values, n);
        mgr_proxy_free(proxy);
        return code;
}

const struct command command_call = {
        .name = "call",
        .usage = "[--kw NAME=VALUE]… [--str] OBJECT METHOD [VALUE…]",
        .summary = "calls any method of an object",
        .help = "Calls a method and shows what it returns; `managerctl info OBJECT` lists\n"
                "methods. It is called by managerctl, which then ends: a lock that it acquires\n"
                "is left to the next, who is told that its holder died, and what it gets from a\n"
                "queue with redelivery goes back; `managerctl get` shows a queue as it is.\n"
                "  --kw NAME=VALUE  an argument by its name; may be given many times\n"
                "  --str            all values are str, whatever they look like\n"
                "\n"
                "  managerctl create dict scores\n"
                "  managerctl call scores incr alice 5\n"
                "  managerctl call scores get bob 0\n"
                "  managerctl create list jobs\n"
                "  managerctl call jobs append '{\"state\": \"new\"}'\n"
                "  managerctl call jobs sort --kw reverse=true\n"
                "  managerctl call jobs take 5    # waits up to 5 s; then Empty, exit status 1\n",
        .options = OPTION_KW | OPTION_STR,
        .min_args = 2,
        .max_args = ARGUMENTS_ANY,
        .run = run,
};
