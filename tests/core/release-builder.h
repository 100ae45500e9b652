/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Makes programs and release files that are right in every check, for tests to spoil one thing,
 * and asserts what the checks found.
 */

#pragma once

#include "sy-image.h"
#include "sy-release.h"
#include "wire-image.h"

G_BEGIN_DECLS

enum {
  RELEASE_LENGTH = 0x1234,
  RELEASE_VERSION = WIRE_VERSION(1, 2, 3),
  RELEASE_OTHER_PRODUCT = 0x32535344, /* "DSS2" */
};

guint32 release_addr_of(WireBank bank);

/* The program of a bank: vectors with literals, header for WIRE_PRODUCT_DEMO, `length` bytes in all
 * (at least 0x100), sealed. Free with g_free. */
guint8 *release_build_program(WireBank bank, guint32 version, guint32 length);

/* Puts the header in again, after a change of its fields, and the CRC right. */
void release_set_header(guint8 *program, guint32 length, const WireImageHeader *header);

/* Puts vector sum and CRC right after a change of the bytes. */
void release_seal(guint8 *program, guint32 length);

/* Adds bytes at an address; fails the test when they clash. */
void release_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes, guint32 length);

/* An image of one program of `length` bytes as it stands, placed at its bank. */
SyImage *release_image_of(WireBank bank, const guint8 *program, guint32 length);

/* A release as it should be: both halves, `length` bytes each. */
SyImage *release_build_both(guint32 version, guint32 length);

/* A release of one program of `length` bytes as it stands, placed at its bank. */
SyRelease *release_of(WireBank bank, const guint8 *program, guint32 length);

/* A release with sector 0 filled with 0x55, `word` at the protection word's place. */
SyRelease *release_with_sector_zero(guint32 word);

/* The check's finding; the release must hold a program for the bank, and owns the finding. */
const SyFinding *release_finding_of(SyRelease *release, WireBank bank, SyCheck check);

/* The check's finding has this severity and its text holds `holds`. */
void release_found(SyRelease *release, WireBank bank, SyCheck check, SySeverity severity,
                   const char *holds);

/* All checks but this one are content; SY_CHECK_COUNT: all. */
void release_others_are_content(SyRelease *release, WireBank bank, SyCheck but);

/* The finding about the whole file at `index` is of this check and severity and holds `holds`. */
void release_file_finding(SyRelease *release, guint index, SyCheck check, SySeverity severity,
                          const char *holds);

/* No program is picked; the error has this code and its message holds `holds`. */
void release_pick_refuses(SyRelease *release, guint32 product, WireBank idle, SyReleaseError code,
                          const char *holds);

G_END_DECLS
