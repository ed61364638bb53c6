#!/bin/sh
# Makes in ./secrets what docker-compose.yml needs, where it is not there yet.
# Keep a copy of secret_key somewhere else: without it a backup is worth little.
set -eu
umask 077
mkdir -p secrets
cd secrets

# Containers run as other users, so the files may be read; nobody but their owner
# gets into the folder.
keep() {
	if [ -s "$1" ]; then
		echo "secrets/$1 is there already"
		cat >/dev/null
		return
	fi
	cat >"$1.new"
	test -s "$1.new"
	chmod 444 "$1.new"
	mv "$1.new" "$1"
	echo "secrets/$1 is made"
}

openssl rand -base64 32 | keep secret_key
openssl rand -hex 24 | tr -d '\n' | keep postgres_password
openssl rand -hex 24 | tr -d '\n' | keep redis_password
printf 'postgres://sidetext:%s@postgres:5432/sidetext?sslmode=disable' "$(cat postgres_password)" | keep database_url
printf 'redis://:%s@redis:6379/0' "$(cat redis_password)" | keep redis_url
