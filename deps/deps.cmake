# One place per dependency. Each is a Debian package (deps/packages.txt says which and why) behind a target of ours, so
# that a layer names what it uses and nothing else knows where it comes from.
find_package(Threads REQUIRED)

# jemalloc: the allocator of the whole process; its statistics are the memory account.
# The sanitizers bring an allocator of their own, so there only its header is used.
add_library(tidemark_jemalloc INTERFACE)
if(TIDEMARK_SANITIZE)
  target_compile_definitions(tidemark_jemalloc INTERFACE TIDEMARK_SYSTEM_MALLOC)
else()
  find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)
  target_link_libraries(tidemark_jemalloc INTERFACE ${JEMALLOC_LIBRARY})
endif()

# libcrypto: hashes that protocols ask for.
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
add_library(tidemark_crypto INTERFACE)
target_link_libraries(tidemark_crypto INTERFACE OpenSSL::Crypto)

# xxHash: digests of values that protocols ask for.
find_library(XXHASH_LIBRARY xxhash REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
add_library(tidemark_xxhash INTERFACE)
target_link_libraries(tidemark_xxhash INTERFACE ${XXHASH_LIBRARY})
target_include_directories(tidemark_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})

# ISA-L: the checksums of records on flash and of RDB files.
find_library(ISAL_LIBRARY isal REQUIRED)
find_path(ISAL_INCLUDE_DIR isa-l/crc.h REQUIRED)
add_library(tidemark_isal INTERFACE)
target_link_libraries(tidemark_isal INTERFACE ${ISAL_LIBRARY})
target_include_directories(tidemark_isal SYSTEM INTERFACE ${ISAL_INCLUDE_DIR})

# RocksDB: the ordered flash engine.
find_package(RocksDB REQUIRED)
add_library(tidemark_rocksdb INTERFACE)
target_link_libraries(tidemark_rocksdb INTERFACE RocksDB::rocksdb-shared)

# Snappy: compression of spilled records.
find_package(Snappy REQUIRED)
add_library(tidemark_snappy INTERFACE)
target_link_libraries(tidemark_snappy INTERFACE Snappy::snappy)

# LZF: compression inside RDB strings, and of the inner nodes of lists.
find_package(liblzf REQUIRED)
add_library(tidemark_lzf INTERFACE)
target_link_libraries(tidemark_lzf INTERFACE liblzf::liblzf)

# io_uring: the flash tier's reads and writes.
find_path(LIBURING_INCLUDE_DIR liburing.h REQUIRED)
find_library(LIBURING_LIBRARY uring REQUIRED)
add_library(tidemark_uring INTERFACE)
target_include_directories(tidemark_uring SYSTEM INTERFACE ${LIBURING_INCLUDE_DIR})
target_link_libraries(tidemark_uring INTERFACE ${LIBURING_LIBRARY})
