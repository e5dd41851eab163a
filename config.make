# Read by nginx's ./configure when it writes its Makefile: the archive that `config` links. CMake looks each time whether
# it is up to date, and make whether it changed.

cat << END                                                    >> $NGX_MAKEFILE

$ipfence_archive:	ipfence_always
	cmake -S $ngx_addon_dir -B $ipfence_objs/ipfence \\
		-DCMAKE_BUILD_TYPE=RelWithDebInfo -DIPFENCE_TESTS=OFF -DIPFENCE_CLI=OFF \\
		-DIPFENCE_NGINX_SOURCE=`pwd` -DIPFENCE_NGINX_OBJS=$ipfence_objs
	+cmake --build $ipfence_objs/ipfence --target ipfence_module

.PHONY:	ipfence_always

END
