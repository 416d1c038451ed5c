/*
 * slice - start:stop:step as a value
 */
#include "client/proxies/slice.h"

#include "proto/pack.h"

static void pack_bound(struct buffer *out, int64_t bound)
{
        if (bound == MGR_OMIT)
                pack_nil(out);
        else
                pack_int(out, bound);
}

mgr_value slice_as_value(mgr_slice slice, uint8_t room[SLICE_ROOM])
{
        struct buffer out = { .data = room, .capacity = SLICE_ROOM, .limit = SLICE_ROOM };
        mgr_value value = mgr_none();
        size_t begin = pack_ext_begin(&out);

        pack_array(&out, 3);
        pack_bound(&out, slice.start);
        pack_bound(&out, slice.stop);
        pack_bound(&out, slice.step);
        pack_ext_end(&out, begin, EXT_SLICE);
        value.kind = MGR_KIND_OTHER;
        value.as.text.data = (const char *)room;
        value.as.text.size = out.size;
        return value;
}
