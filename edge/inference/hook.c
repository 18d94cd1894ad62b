/* Some of what a library imports is taken from us instead, in this library alone: the loader has written the addresses of imported
 * functions into the library's tables, as its relocations say, and we write over them. A symbol of our own that the loader would
 * find first would be in the way of every library of the program.
 */
#define _GNU_SOURCE /* dl_iterate_phdr, dlinfo */
#include "hook.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The relocations whose place holds the address of a function and nothing else. */
static int holds_address(uint32_t type)
{
#if defined(__x86_64__)
	return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
#elif defined(__aarch64__)
	return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
#else
	return 0;
#endif
}

/* A library as the loader has laid it out. */
struct layout {
	ElfW(Addr) base;
	const ElfW(Sym) *symbols;
	const char *names;
	struct { const ElfW(Rela) *first; size_t size; } tables[2];
	uintptr_t sealed, sealed_end; /* what the loader made read-only when it had written it */
};

/* Most loaders put addresses in place of the offsets that the file has here. */
static const void *address(const struct layout *l, ElfW(Addr) p)
{
	return (const void *) (p < l->base ? p + l->base : p);
}

static void read_dynamic(struct layout *l, const ElfW(Dyn) *d)
{
	int rela = 1;

	for (; d->d_tag != DT_NULL; d++)
		switch (d->d_tag) {
		case DT_SYMTAB: l->symbols = address(l, d->d_un.d_ptr); break;
		case DT_STRTAB: l->names = address(l, d->d_un.d_ptr); break;
		case DT_RELA: l->tables[0].first = address(l, d->d_un.d_ptr); break;
		case DT_RELASZ: l->tables[0].size = d->d_un.d_val; break;
		case DT_JMPREL: l->tables[1].first = address(l, d->d_un.d_ptr); break;
		case DT_PLTRELSZ: l->tables[1].size = d->d_un.d_val; break;
		case DT_PLTREL: rela = d->d_un.d_val == DT_RELA; break;
		}
	if (!rela)
		l->tables[1].size = 0;
}

static int read_segments(struct dl_phdr_info *info, size_t size, void *to)
{
	struct layout *l = to;
	uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);

	(void) size;
	if (info->dlpi_addr != l->base)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
			l->sealed = (l->base + info->dlpi_phdr[i].p_vaddr) / page * page;
			l->sealed_end = (l->base + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz) / page * page;
		}
	return 1;
}

/* put writes one address. Another thread may be reading it: it reads the old one or the new one. */
static int put(const struct layout *l, inf_function *at, inf_function ours)
{
	uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
	void *start = (void *) ((uintptr_t) at / page * page);
	int sealed = (uintptr_t) at >= l->sealed && (uintptr_t) at < l->sealed_end;

	if (sealed && mprotect(start, page, PROT_READ | PROT_WRITE) != 0)
		return -1;
	__atomic_store_n(at, ours, __ATOMIC_SEQ_CST);
	return sealed ? mprotect(start, page, PROT_READ) : 0;
}

unsigned inf_replace(void *library, const struct inf_hook *hooks, int count)
{
	struct layout l = { 0 };
	struct link_map *map;
	unsigned found = 0;

	if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0)
		return 0;
	l.base = map->l_addr;
	read_dynamic(&l, map->l_ld);
	if (!l.symbols || !l.names || !dl_iterate_phdr(read_segments, &l))
		return 0;
	for (int t = 0; t < 2; t++)
		for (size_t i = 0; i < l.tables[t].size / sizeof(ElfW(Rela)); i++) {
			const ElfW(Rela) *r = &l.tables[t].first[i];
			const ElfW(Sym) *s = &l.symbols[ELF64_R_SYM(r->r_info)];

			if (!holds_address(ELF64_R_TYPE(r->r_info)) || s->st_shndx != SHN_UNDEF)
				continue;
			for (int h = 0; h < count; h++) {
				if (strcmp(l.names + s->st_name, hooks[h].name) != 0)
					continue;
				if (r->r_addend != 0 || put(&l, (inf_function *) (l.base + r->r_offset), hooks[h].ours) != 0)
					return 0;
				found |= 1u << h;
			}
		}
	return found;
}
