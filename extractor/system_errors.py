"""Why the system refused a file, in Chinese."""

from __future__ import annotations

import errno

OS_REASONS = {
    errno.ENOENT: "找不到该文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限（文件若正在 Excel 或 WPS 中打开，请先关闭）",
    errno.EROFS: "所在磁盘只读",
    errno.ENOSPC: "磁盘已满",
    errno.EIO: "磁盘读写出错",
    errno.EISDIR: "这是一个文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已有同名的文件，不能建立文件夹",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "快捷方式（链接）指向自身",
    errno.EINVAL: "文件名或路径不合规定",
    errno.EBUSY: "正被其他程序占用",
    errno.ETXTBSY: "正被其他程序占用",
}


def os_reason(error: OSError) -> str:
    """Why the system refused, without its code; in its own words where there are no better ones."""
    return OS_REASONS.get(error.errno or 0) or error.strerror or str(error)
