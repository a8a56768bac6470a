# Debian packages: `cpack -G DEB` in the build folder makes vouch (programs and service) and libvouch-dev.
set(package_files ${PROJECT_SOURCE_DIR}/packaging)

# The service belongs to a system, not to a prefix: only packages install it, a plain install leaves it out.
install(FILES ${package_files}/vouch.toml DESTINATION /etc/vouch COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${package_files}/vouch-peer.service DESTINATION /lib/systemd/system COMPONENT service
  EXCLUDE_FROM_ALL)
install(FILES ${package_files}/vouch.sysusers DESTINATION /usr/lib/sysusers.d RENAME vouch.conf
  COMPONENT service EXCLUDE_FROM_ALL)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/vouch COMPONENT programs)

set(CPACK_PACKAGE_NAME vouch)
set(CPACK_PACKAGE_CONTACT "The vouch developers <vouch@packages.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_FILE ${package_files}/description.txt)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL programs service development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME vouch)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "systemd | systemd-sysusers")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  "${package_files}/debian/postinst;${package_files}/debian/prerm;${package_files}/debian/postrm;${package_files}/debian/conffiles")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libvouch-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libboost1.81-dev, libexpected-dev, libfmt-dev, libsimdjson-dev, libsodium-dev, libzmq3-dev, liblmdb-dev, libtomlplusplus-dev")
include(CPack)
cpack_add_component_group(runtime)
cpack_add_component_group(development)
cpack_add_component(programs GROUP runtime DESCRIPTION "Peer and dumper")
cpack_add_component(service GROUP runtime)
cpack_add_component(development GROUP development DESCRIPTION "Headers and static libraries")
