#!/bin/sh
# Installs the libraries into a prefix of their own, static and shared, and builds examples/send.c against them with
# pkg-config and with CMake. The built programs must run and fail to connect to a port where nobody listens.
# usage: install_check.sh SOURCE_DIRECTORY
set -eu

source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        return 1
    }
}

run_send() {
    connection_string='Endpoint=http://127.0.0.1:1;AccessKey=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH;'
    WEBPUBSUB_CONNECTION_STRING=$connection_string "$1" chat hello >"$work/out" 2>&1 && return 1
    grep -q '^connect_failed: could not connect to 127.0.0.1:1 .*(not sent)$' "$work/out" || {
        cat "$work/out"
        return 1
    }
}

build_with_pkg_config() {
    PKG_CONFIG_PATH=$(dirname "$(find "$1" -name webpubsub-core.pc)")
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046 # one word per flag
    cc -std=c99 -o "$work/send-pc" "$source/examples/send.c" \
        $(pkg-config --cflags --libs webpubsub-openssl webpubsub-curl)
}

build_with_cmake() {
    rm -rf "$work/consumer"
    mkdir "$work/consumer"
    cat >"$work/consumer/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.16)
project(consumer C)
find_package(webpubsub 0.1 REQUIRED)
add_executable(send $source/examples/send.c)
target_link_libraries(send webpubsub::openssl webpubsub::curl webpubsub::process)
EOF
    quietly cmake -S "$work/consumer" -B "$work/consumer/build" -DCMAKE_PREFIX_PATH="$1"
    quietly cmake --build "$work/consumer/build"
}

for shared in OFF ON; do
    prefix=$work/prefix-$shared
    quietly cmake -S "$source" -B "$work/build-$shared" -DBUILD_SHARED_LIBS=$shared -DCMAKE_INSTALL_PREFIX="$prefix"
    quietly cmake --build "$work/build-$shared" -j2
    quietly cmake --install "$work/build-$shared"
    LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name 'libwebpubsub-core.*' | head -n 1)")
    export LD_LIBRARY_PATH
    build_with_pkg_config "$prefix"
    run_send "$work/send-pc"
    build_with_cmake "$prefix"
    run_send "$work/consumer/build/send"
    echo "BUILD_SHARED_LIBS=$shared: pkg-config and CMake consumers run"
done
