/*
 * kept - references that a request needs until it was answered
 */
#include "client/kept.h"

void kept_take_proxy(struct kept *kept, const mgr_proxy *proxy)
{
        mgr_proxy *shared;

        memcpy(&shared, &proxy, sizeof(shared)); /* sharing does not change it */
        *kept = (struct kept){ .proxy = mgr_proxy_ref(shared) };
}

bool kept_take_value(struct kept *kept, const mgr_value *value)
{
        struct blob *blob;

        if (value->flags & CONTENT_HANDLE) {
                if (kept)
                        kept_take_proxy(kept, value->as.proxy);
                return true;
        }
        if (!content_is_packed(value) || !value->origin)
                return false;
        memcpy(&blob, &value->origin, sizeof(blob));
        if (!blob->manager)
                return false;
        if (kept)
                *kept = (struct kept){ .blob = blob_ref(blob) };
        return true;
}

void kept_release(struct kept *kept)
{
        mgr_proxy_free(kept->proxy);
        if (kept->blob)
                blob_unref(kept->blob);
        *kept = (struct kept){ 0 };
}
