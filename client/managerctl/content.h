/*
 * content - the whole of an object, as far as --limit lets it
 */
#pragma once

#include "client/managerctl/ctl.h"

/* Shows it, a page at a time where it is a dict or a list. Returns an exit code. */
int content_show(struct ctl *ctl, const mgr_proxy *proxy);
