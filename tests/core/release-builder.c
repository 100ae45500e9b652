/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Programs and releases made in memory, and what the checks found.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "release-builder.h"
#include "wire-bytes.h"

#define LOAD_PC_PLUS_0X18 0xe59ff018u /* LDR pc,[pc,#0x18]: the literal 0x20 bytes ahead */
#define LOAD_PC_VIC       0xe51ffff0u /* LDR pc,[pc,#-0xff0] */

enum { IRQ = 6 };

guint32 release_addr_of(WireBank bank)
{
  return wire_bank_map(bank)->addr;
}

guint8 *release_build_program(WireBank bank, guint32 version, guint32 length)
{
  guint8 *program = g_malloc(length);
  WireImageHeader header = {
      .product = WIRE_PRODUCT_DEMO,
      .version = version,
      .length = length,
      .bank_addr = release_addr_of(bank),
      .name = "demo program",
  };

  g_assert(length >= 0x100);
  for (guint32 i = 0; i < length; i++)
    program[i] = (guint8)(i * 2654435761u >> 11);
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++) {
    wire_put_u32(program + 4 * i, i == IRQ ? LOAD_PC_VIC : LOAD_PC_PLUS_0X18);
    wire_put_u32(program + 0x20 + 4 * i, release_addr_of(bank) + 0x80 + 4 * i);
  }
  wire_put_u32(program + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(program));
  release_set_header(program, length, &header);
  return program;
}

void release_set_header(guint8 *program, guint32 length, const WireImageHeader *header)
{
  wire_image_header_write(header, program);
  release_seal(program, length);
}

void release_seal(guint8 *program, guint32 length)
{
  wire_put_u32(program + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(program));
  wire_put_u32(program + WIRE_IMAGE_CRC_OFFSET, wire_image_crc(program, program, length));
}

void release_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes, guint32 length)
{
  if (!sy_image_builder_add(builder, addr, bytes, length, 0, NULL))
    g_error("bytes at 0x%08X given twice", addr);
}

SyImage *release_image_of(WireBank bank, const guint8 *program, guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, release_addr_of(bank), program, length);
  return sy_image_builder_end(builder);
}

SyImage *release_build_both(guint32 version, guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    g_autofree guint8 *program = release_build_program(bank, version, length);

    release_add(builder, release_addr_of(bank), program, length);
  }
  return sy_image_builder_end(builder);
}

SyRelease *release_of(WireBank bank, const guint8 *program, guint32 length)
{
  g_autoptr(SyImage) image = release_image_of(bank, program, length);

  return sy_release_new(image, "test.hex");
}

SyRelease *release_with_sector_zero(guint32 word)
{
  guint8 sector[WIRE_SECTOR_SIZE];
  g_autofree guint8 *program =
      release_build_program(WIRE_BANK_LOW, RELEASE_VERSION, RELEASE_LENGTH);
  SyImageBuilder *builder = sy_image_builder_new();

  memset(sector, 0x55, sizeof sector);
  wire_put_u32(sector + WIRE_CRP_ADDR, word);
  wire_put_u32(sector + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(sector));
  release_add(builder, 0, sector, sizeof sector);
  release_add(builder, release_addr_of(WIRE_BANK_LOW), program, RELEASE_LENGTH);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_release_new(image, NULL);
}

const SyFinding *release_finding_of(SyRelease *release, WireBank bank, SyCheck check)
{
  const SyProgram *program = sy_release_get_program(release, bank);

  assert_non_null(program);
  return &program->findings[check];
}

void release_found(SyRelease *release, WireBank bank, SyCheck check, SySeverity severity,
                   const char *holds)
{
  const SyFinding *finding = release_finding_of(release, bank, check);

  if (finding->severity != severity || !strstr(finding->text, holds))
    fail_msg("check %d, severity %d: %s\nwanted severity %d: %s", check, finding->severity,
             finding->text, severity, holds);
}

void release_others_are_content(SyRelease *release, WireBank bank, SyCheck but)
{
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    if (i != but)
      release_found(release, bank, i, SY_SEVERITY_OK, "");
}

void release_file_finding(SyRelease *release, guint index, SyCheck check, SySeverity severity,
                          const char *holds)
{
  assert_true(index < sy_release_get_n_findings(release));

  const SyFinding *finding = sy_release_get_finding(release, index);

  if (finding->check != check || finding->severity != severity || !strstr(finding->text, holds))
    fail_msg("check %d, severity %d: %s\nwanted check %d, severity %d: %s", finding->check,
             finding->severity, finding->text, check, severity, holds);
}

void release_pick_refuses(SyRelease *release, guint32 product, WireBank idle, SyReleaseError code,
                          const char *holds)
{
  g_autoptr(GError) error = NULL;

  assert_null(sy_release_pick(release, product, idle, &error));
  assert_int_equal(error->domain, SY_RELEASE_ERROR);
  if (error->code != (int)code || !strstr(error->message, holds))
    fail_msg("code %d: %s\nwanted code %d: %s", error->code, error->message, code, holds);
}
