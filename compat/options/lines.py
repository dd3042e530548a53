"""Command lines that pip and pipfast must parse alike, one per line."""

from __future__ import annotations

LINES = """
install demo
install -r requirements.txt -c constraints.txt
install -rrequirements.txt -cconstraints.txt
install --requirement=requirements.txt
install --req requirements.txt
install --requirem=a --requirements-from-script=b
install --requirement
install -r
install --upgr demo
install --upgrade-s eager demo
install --upgrade-strategy lazy demo
install --upgrade-strategy=eager -U demo
install --up
install --no
install --no-b
install --no-bin demo
install --pre demo --only-final :all:
install --pr
install --pref
install --prefe demo
install --prefix=/p --root=/r demo
install --compile --no-compile demo
install --no-compile --compile demo
install --no-comp demo
install --user --no-user demo
install --no-user --user demo
install --use
install --use-f
install --use-feature fast-deps --use-feature=truststore demo
install --use-feature 2020-resolver demo
install --use-deprecated legacy-resolver demo
install --use-deprecated=nothing demo
install --use-pep517 demo
install --no-use-pep517 demo
install -qqq demo
install -vvv demo
install -vqv -q demo
install -qUv demo
install -Ut dir demo
install -tdir demo
install -t=dir demo
install -Uxyz demo
install -z demo
install -e . -e./other --editable=git+https://example.org/x
install -e
install demo -- --bogus -r
install -- demo
install demo --
install -- --
install - demo
install --bogus
install --bogus=1 demo
install demo --bogus
install --dry-run=yes demo
install --debug=1
install --isolated demo
install --isol demo
install --timeout 3 demo
install --timeout=0.5 demo
install --timeout abc demo
install --timeout= demo
install --default-timeout 7 demo
install --retries 0x10 demo
install --retries 010 demo
install --retries 0b11 demo
install --retries 08 demo
install --retries many demo
install --retries -1 demo
install --retries 1.5 demo
install --resume-retries=9 demo
install --resume-retries=x demo
install --progress-bar off demo
install --progress-bar raw demo
install --progress-bar pretty demo
install --progress-bar
install --root-user-action ignore demo
install --root-user-action shout demo
install --exists-action i --exists-action w demo
install --exists-action x demo
install --keyring-provider subprocess demo
install --keyring-provider vault demo
install --proxy http://p:1 --no-proxy-env demo
install --proxy= demo
install --trusted-host a --trusted-host b:8 demo
install --cert ~/cert.pem --client-cert=~/client.pem demo
install --log ~/pip.log demo
install --log-file x.log demo
install --local-log=x.log demo
install --local x demo
install --cache-dir ~/c demo
install --cache-dir c --no-cache-dir demo
install --no-cache-dir --cache-dir c demo
install --no-cache-dir=1 demo
install --no-c demo
install -i https://example.org/simple demo
install -ihttps://example.org/simple demo
install --pypi-url https://example.org/simple demo
install --index-url a --index-url b demo
install --extra-index-url a --extra-index-url b demo
install --extra a demo
install -f a -f b --find-links c demo
install --no-index demo
install --no-binary a,B_c.d demo
install --no-binary a,b --only-binary b demo
install --only-binary :all: --no-binary x demo
install --no-binary :all: --no-binary :none: demo
install --no-binary a,:all:,b demo
install --no-binary a,:all:,:none:,b demo
install --only-binary :none: demo
install --all-releases a --only-final A demo
install --all-releases :all: --only-final b,c demo
install --only-final :all:,:none:,x demo
install --refresh-package a,B --refresh-package :all: demo
install --refresh-package :all:,:none:,c demo
install --refresh-package A_b demo
install --uploaded-prior-to 2023-01-01 demo
install --uploaded-prior-to 2023-01-01T00:00:00Z demo
install --uploaded-prior-to 2023-01-01T10:00:00+02:00 demo
install --uploaded-prior-to P7D demo
install --uploaded-prior-to p7d demo
install --uploaded-prior-to P7 demo
install --uploaded-prior-to yesterday demo
install --uploaded-prior-to 2023-13-01 demo
install --uploaded-prior-to 2023-02-30T00:00:00Z demo
install --uploaded-prior-to
install --platform a --platform b --abi c --implementation pp demo
install --python-version 3 demo
install --python-version 37 demo
install --python-version 310 demo
install --python-version 3.7.3 demo
install --python-version 3.7.3.1 demo
install --python-version 3.x demo
install --python-version three demo
install --python-version= demo
install --config-settings a=b --config-settings a=c -Ca=d demo
install -C x=1 -C y= -C =z demo
install --config-settings nothing demo
install -C nothing demo
install --group test --group a/pyproject.toml:dev demo
install --group pylock.toml:dev --group pylock.x.toml[a]:dev demo
install --group setup.cfg:dev demo
install --group https://example.org/pylock.toml:dev demo
install --group a:b:c demo
install --src ~/src demo
install --source-dir=relative demo
install --source x demo
install --source-d x
install --require-hashes --no-require-hashes demo
install --require
install --require-venv demo
install --require-v demo
install --report - demo
install --break-system-packages demo
install --no-deps --no-dependencies demo
install --only-deps demo
install --only-dependencies demo
install --only
install --python x demo
install --hash sha256:00 demo
install --disable-pip-version-check --no-python-version-warning --no-color --no-input demo
install --no-input demo
--timeout 5 install demo
--timeout=5 install --timeout 6 demo
-v install -v demo
-vq install demo
--no-color -i x install demo
--bogus install demo
--isolated install demo
--isol install demo
--log install install demo
--require-virtualenv install demo
--proxy
--python nowhere install demo
--python {python} install --bogus
--python {python} --bogus install
--python={python} instal
--retries x install demo
-- install demo
-- install --bogus
-V
--version
--version install --bogus
--vers
-Vx
-h
--help
--hel
install -h
install --help --bogus
install --bogus --help
help
help install
help bogus
instal demo
INSTALL demo
isntall demo
uninstal
lst
xyzzy
versoin
show --files a -f b
show --bogus
show
list --format json
list --format=columns -o
list --format xml
list --outdated --uptodate
list --exclude A_b --exclude c.D
list --path ~/a --path b
list --include-editable --exclude-editable
list -lou
list --local --user --not-required -e
freeze --all -l --user --exclude Pip
freeze -r a -r b --path x --exclude-editable
freeze --exclude
inspect --local --user --path x
inspect -l
uninstall -y -r a b
uninstall --yes a
uninstall -yy a
uninstall --break a
uninstall --bogus
check
check --bogus
check extra words
config list
config --global --editor vi edit
config --user set a.b c
config --site --bogus
cache list --format human
cache list --format abspath pattern
cache list --format json
cache --bogus
index versions demo --pre
index versions --json demo --python-version 3.9
index --bogus
search -i http://x query words
search --bogus
wheel -w dir demo
wheel --wheel-dir=dir --no-verify --no-clean demo
wheel --bogus
download -d dir demo
download --dest=dir demo
download --destination-dir=dir demo
download --destination demo
download --editable .
download --platform x --only-binary=:all: demo
lock -o ~/pylock.toml demo
lock --output - -e .
lock --bogus
hash -a sha512 file
hash -a md5 file
hash --algorithm=sha384 a b
hash --bogus
completion --bash
completion -z
completion --bogus
debug --platform x --abi y
debug --bogus
help --bogus
"""
