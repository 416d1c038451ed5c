/*
 * unlink - takes an object's name away
 */
#include "client/managerctl/argument.h"

static int run(struct ctl *ctl)
{
        mgr_value name;
        int code, r;

        code = argument_name(ctl->options->args[0], &name);
        if (code != EXIT_DONE)
                return code;
        r = mgr_manager_unlink(ctl->m, mgr_cstr(&name));
        if (r == 0)
                return argument_fail(ctl, ctl->options->args[0], MGR_ENAME);
        return r < 0 ? ctl_fail(r) : ctl_done(ctl);
}

const struct command command_unlink = {
        .name = "unlink",
        .usage = "NAME",
        .summary = "takes an object's name away",
        .help = "The object goes, unless a process or another object still refers to it. An\n"
                "ident is none of its names: 123 is the name 123 here. Exit status 1: nothing\n"
                "has that name.\n"
                "\n"
                "  managerctl create dict scores\n"
                "  managerctl unlink scores\n",
        .min_args = 1,
        .max_args = 1,
        .run = run,
};
