/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * make-image: turns linked binaries into the hex files of a release, at build time.
 *
 *   make-image program BANK VERSION NAME IN.bin OUT.hex   header, length, CRC and vector sum filled
 * in make-image factory JUMP.bin LOADER.bin LOW.hex OUT.hex   all a blank board needs make-image
 * merge OUT.hex IN.hex IN.hex…               LOW and HIGH in one file
 */

#include "sy-hex.h"
#include "wire-bytes.h"
#include "wire-image.h"

#include <stdlib.h>
#include <string.h>

enum { HEX_BYTES_PER_LINE = 16 };

static G_GNUC_NORETURN void fail(GError *error)
{
  g_printerr("make-image: %s\n", error->message);
  exit(1);
}

static G_GNUC_NORETURN void fail_with(const char *text)
{
  g_printerr("make-image: %s\n", text);
  exit(1);
}

static guint8 *load_binary(const char *path, gsize room, gsize *length)
{
  g_autoptr(GError) error = NULL;
  char *bytes = NULL;

  if (!g_file_get_contents(path, &bytes, length, &error))
    fail(error);
  if (*length > room)
    fail_with("a binary is larger than its place in flash");
  return (guint8 *)bytes;
}

static void add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes, gsize length)
{
  guint32 clash;

  if (!sy_image_builder_add(builder, addr, bytes, (guint32)length, 0, &clash))
    fail_with("two parts claim the same byte");
}

static void add_hex(SyImageBuilder *builder, const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = sy_hex_load(file, NULL, &error);

  if (!image)
    fail(error);
  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    add(builder, segment->addr, segment->bytes, segment->length);
  }
}

static void save(SyImageBuilder *builder, const char *path)
{
  g_autoptr(SyImage) image = sy_image_builder_end(builder);
  g_autoptr(GString) text = sy_hex_write(image, HEX_BYTES_PER_LINE);
  g_autoptr(GError) error = NULL;

  if (!g_file_set_contents(path, text->str, (gssize)text->len, &error))
    fail(error);
}

static guint32 parse_version(const char *text)
{
  g_auto(GStrv) parts = g_strsplit(text, ".", -1);
  guint64 numbers[3];

  if (g_strv_length(parts) != 3)
    fail_with("a version is MAJOR.MINOR.PATCH");
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_string_to_unsigned(parts[i], 10, 0, i < 2 ? 0xff : 0xffff, &numbers[i], NULL))
      fail_with("a part of the version is no number or too large");
  return WIRE_VERSION(numbers[0], numbers[1], numbers[2]);
}

static void make_program(char **args)
{
  WireBank bank = g_str_equal(args[0], "LOW") ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
  const WireBankMap *map = wire_bank_map(bank);
  gsize length;
  g_autofree guint8 *image = load_binary(args[3], WIRE_RELEASE_SIZE_MAX, &length);
  WireImageHeader header = {
      .product = WIRE_PRODUCT_DEMO,
      .version = parse_version(args[1]),
      .length = (guint32)length,
      .bank_addr = map->addr,
  };

  if (length < WIRE_IMAGE_LENGTH_MIN)
    fail_with("the program is shorter than its header");
  g_strlcpy(header.name, args[2], sizeof header.name);
  wire_put_u32(image + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(image));
  wire_image_header_write(&header, image);
  header.crc = wire_image_crc(image, image, (guint32)length);
  wire_image_header_write(&header, image);

  SyImageBuilder *builder = sy_image_builder_new();

  add(builder, map->addr, image, length);
  save(builder, args[4]);
}

/* The first bank record, as the source design has it: the program in LOW runs. */
static void add_first_record(SyImageBuilder *builder, const char *low_hex)
{
  g_autoptr(GFile) file = g_file_new_for_path(low_hex);
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = sy_hex_load(file, NULL, &error);
  guint8 block[WIRE_BLOCK_SIZE];
  WireImageHeader header;

  if (!image)
    fail(error);

  const guint8 *head =
      sy_image_peek(image, wire_bank_map(WIRE_BANK_LOW)->addr, WIRE_IMAGE_LENGTH_MIN);

  if (!head || !wire_image_header_read(head, &header))
    fail_with("the LOW program has no header");

  WireRecord record = {
      .bank = WIRE_BANK_LOW,
      .sequence = 1,
      .state = WIRE_RECORD_CONFIRMED,
      .version = header.version,
      .crc = header.crc,
  };

  wire_record_write(&record, block);
  add(builder, WIRE_RECORD_ADDR, block, sizeof block);
}

static void make_factory(char **args)
{
  SyImageBuilder *builder = sy_image_builder_new();
  gsize length;
  g_autofree guint8 *jump = load_binary(args[0], WIRE_JUMP_SIZE, &length);

  wire_put_u32(jump + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(jump));
  add(builder, WIRE_JUMP_ADDR, jump, length);

  g_autofree guint8 *loader = load_binary(args[1], WIRE_LOADER_SIZE, &length);

  add(builder, WIRE_LOADER_ADDR, loader, length);
  add_hex(builder, args[2]);
  add_first_record(builder, args[2]);
  save(builder, args[3]);
}

static void merge(char **args)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (char **in = args + 1; *in; in++)
    add_hex(builder, *in);
  save(builder, args[0]);
}

int main(int argc, char **argv)
{
  if (argc == 7 && g_str_equal(argv[1], "program"))
    make_program(argv + 2);
  else if (argc == 6 && g_str_equal(argv[1], "factory"))
    make_factory(argv + 2);
  else if (argc >= 4 && g_str_equal(argv[1], "merge"))
    merge(argv + 2);
  else
    fail_with(
        "usage: program BANK VERSION NAME IN OUT | factory JUMP LOADER LOW OUT | merge OUT IN…");
  return 0;
}
