/*
 * page - what the methods page() of all containers have in common
 */
#include "managerd/types/page.h"

#include "proto/pack.h"

int page_get_count(struct call *call, struct span value, const char *name, size_t *out)
{
        int64_t n;
        int r;

        r = call_get_integer(call, value, &n);
        if (r < 0)
                return r;
        if (n < 1)
                return call_fail(call, STATUS_VALUE, "%s must be positive", name);
        *out = n < PAGE_MAX ? (size_t)n : PAGE_MAX;
        return 0;
}

void page_pack_head(size_t start, size_t n, size_t length, struct buffer *out)
{
        pack_array(out, 2);
        if (start < length && n < length - start)
                pack_uint(out, start + n);
        else
                pack_nil(out);
        pack_array(out, n);
}
