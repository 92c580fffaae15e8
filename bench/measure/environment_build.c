// SPDX-License-Identifier: GPL-2.0-or-later
/* build_id.h is made by build_id.sh, from the objects. */
#include "measure/environment_build.h"

#include <stddef.h>
#include <string.h>

#include "build_id.h"

#ifdef __clang__
const char build_compiler[] = __VERSION__;
#else
const char build_compiler[] = "gcc " __VERSION__;
#endif

const char build_flags[] = BUILD_FLAGS;

const char *const build_revision = BUILD_REVISION;
const char *const build_revision_reason = BUILD_REVISION_REASON;

static const struct object {
	const char *strategy, *hash;
} objects[] = { BUILD_OBJECTS };

const char *build_frame_hash(void)
{
	return *BUILD_FRAME ? BUILD_FRAME : NULL;
}

const char *build_object_hash(const char *strategy)
{
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (strcmp(objects[i].strategy, strategy) == 0 && *objects[i].hash)
			return objects[i].hash;
	return NULL;
}
