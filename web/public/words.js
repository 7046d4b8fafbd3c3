/* Streamlit's own English words in Chinese; the texts of the portal and of its users are left alone. */
(() => {
  'use strict';

  const WORDS = {
    // uploader, camera, recorder
    'Upload': '上传', 'Browse files': '选择文件', 'Browse directories': '选择文件夹', 'Add files': '添加文件',
    'Drag and drop a file here': '把文件拖到这里', 'Drag and drop files here': '把文件拖到这里',
    'Drag and drop directories here': '把文件夹拖到这里', 'Upload file': '上传文件', 'Upload files': '上传文件',
    'Upload directories': '上传文件夹', 'Upload failed': '上传失败', 'Only one file is allowed.': '只能上传一个文件。',
    'Too many files': '文件太多', 'File type not allowed.': '不支持这种文件。', 'Network Error': '网络错误',
    'Take Photo': '拍照', 'Clear photo': '重拍', 'Switch camera': '切换摄像头', 'Snapshot': '照片',
    'This app would like to use your camera.': '需要使用您的摄像头。',
    'This app would like to use your microphone.': '需要使用您的麦克风。',
    'file upload': '上传文件', 'add icon': '添加', 'Error:': '错误：', 'Error': '错误',
    'Learn how to allow access.': '如何允许访问', 'Start recording': '开始录音', 'Stop recording': '停止录音',
    'Clear recording': '清除录音', 'Download as WAV': '下载 WAV',
    // inputs
    'Choose an option': '请选择', 'Choose options': '请选择', 'Choose or add an option': '选择或新增',
    'Choose or add options': '选择或新增', 'Add an option': '新增一项', 'Add options': '新增选项',
    'No options to select': '没有可选项', 'No options to select.': '没有可选项', 'No options': '没有可选项',
    'No results': '没有结果', 'Select all': '全选', 'Clear all': '全部清除', 'Clear value': '清除',
    'Clear selection': '清除选择', 'Clear entry': '清除', 'Selected values': '已选', 'Select...': '请选择',
    'Show password': '显示密码', 'Show password text': '显示密码', 'Hide password text': '隐藏密码',
    'Increment': '增加', 'Decrement': '减少', 'Open': '打开', '(required)': '（必填）', 'required': '必填',
    'Press Enter to apply': '按回车键生效', 'Press Enter to submit form': '按回车键提交',
    'Press Ctrl+Enter to apply': '按 Ctrl+回车生效', 'Press Ctrl+Enter to submit form': '按 Ctrl+回车提交',
    'Press ⌘+Enter to apply': '按 ⌘+回车生效', 'Press ⌘+Enter to submit form': '按 ⌘+回车提交',
    'Send message': '发送', 'Feedback rating': '评分',
    // dates
    'Choose date': '选择日期', 'Choose date range': '选择日期范围', 'Choose date and time': '选择日期和时间',
    'Date range': '日期范围', 'Clear date': '清除日期', 'Clear dates': '清除日期', 'Clear time': '清除时间',
    'Clear date and time': '清除日期和时间', 'Previous month': '上个月', 'Next month': '下个月', 'Time': '时间',
    'Calendar': '日历', 'Quick select a date range': '快速选择日期范围', 'Past Week': '最近一周',
    'Past Month': '最近一个月', 'Past 3 Months': '最近三个月', 'Past 6 Months': '最近六个月',
    'Past Year': '最近一年', 'Past 2 Years': '最近两年', 'None': '无',
    'Use arrow keys to navigate dates. Enter to select. Escape to close.': '方向键选择日期，回车确定，Esc 关闭。',
    'Use arrow keys to navigate. Enter to select. Tab to switch between calendar and time. Escape to close.':
      '方向键移动，回车确定，Tab 在日历与时间之间切换，Esc 关闭。',
    // tables
    'Search': '查找', 'Close Search': '关闭查找', 'Previous Result': '上一个', 'Next Result': '下一个',
    'Fullscreen': '全屏', 'Close fullscreen': '退出全屏', 'Toggle fullscreen': '切换全屏',
    'Download as CSV': '下载 CSV', 'Download as PNG': '下载图片', 'Show/hide columns': '显示或隐藏列',
    'Add row': '添加一行', 'Delete row(s)': '删除所选行', 'Sort ascending': '升序', 'Sort descending': '降序',
    'Pin column': '固定此列', 'Unpin column': '取消固定', 'Hide column': '隐藏此列', 'Autosize': '自动列宽',
    'Format': '格式', 'Statistics': '统计', 'Dataframe column menu': '列菜单', 'Copy column name': '复制列名',
    'empty': '（空）', 'Automatic': '自动', 'Localized': '本地格式', 'Plain': '原样', 'Compact': '紧凑',
    'Dollar': '美元', 'Euro': '欧元', 'Yen': '日元', 'Percent': '百分比', 'Scientific': '科学计数', 'Accounting': '会计',
    'Distance': '相对时间', 'Duration': '时长', 'Count': '计数', 'Distinct': '不同值', 'Sum': '合计', 'Average': '平均',
    'Median': '中位数', 'Minimum': '最小', 'Maximum': '最大', 'Standard deviation': '标准差', 'Values': '值',
    'Range': '范围', 'Empty': '空', 'Show data': '显示数据', 'Show chart': '显示图表', 'No data': '没有数据',
    'Pagination': '分页', 'Previous page': '上一页', 'Next page': '下一页', 'Previous': '上一页', 'Next': '下一页',
    'View less': '收起', 'View more': '展开', 'Copy to clipboard': '复制', 'Copy': '复制', 'Copied': '已复制',
    // charts
    'Download plot as a PNG': '下载图片', 'Zoom': '缩放', 'Pan': '平移', 'Zoom in': '放大', 'Zoom out': '缩小',
    'Autoscale': '自动缩放', 'Reset axes': '复位', 'Copy Vega-Lite spec': '复制图表定义', 'Vega visualization': '图表',
    // frame, menus, dialogs
    'Close': '关闭', 'Cancel': '取消', 'OK': '确定', 'Main menu': '主菜单', 'Rerun': '刷新', 'Auto rerun': '自动刷新',
    'Always rerun': '总是刷新', 'Clear cache': '清除缓存', 'Clear caches': '清除缓存', 'Print': '打印',
    'Record a screencast': '录制屏幕', 'About': '关于', 'Report a bug': '报告问题', 'Get help': '帮助',
    'Settings': '设置', 'Theme': '外观', 'System': '跟随系统', 'Light': '浅色', 'Dark': '深色', 'Appearance': '外观',
    'Stop': '停止', 'Stop script': '停止', 'Running...': '处理中…', 'Connecting': '正在连接', 'Connecting...': '正在连接…',
    'App pages': '页面', 'Sidebar': '侧栏', 'Expand sidebar': '展开侧栏', 'Collapse sidebar': '收起侧栏',
    'Navigate to home page': '回到首页', 'Skip to main content': '跳到主要内容', 'Link to heading': '标题链接',
    'Notifications': '通知', 'Help': '说明', 'Logo': '标志', 'Page not found': '没有这个页面', 'Try again': '再试一次',
    'Scroll tabs left': '向左滚动', 'Scroll tabs right': '向右滚动', 'Button action menu': '操作菜单',
    'You do not seem to have access to this page.': '您没有访问此页面的权限。',
    'Connection error': '连接中断', 'Connection timed out.': '连接超时。', 'Download failed': '下载失败',
    'Connecting to Streamlit server': '正在连接服务器', 'Unable to connect to Streamlit server': '无法连接服务器',
    'Streamlit server is not responding. Are you connected to the internet?': '服务器没有响应，请检查网络连接。',
    'Cannot clear cache: disconnected from server': '无法清除缓存：与服务器的连接已断开',
    'Failed to generate file for download': '文件生成失败，请重试',
    'An error has occurred, please try again.': '出错了，请再试一次。', 'Unknown error': '未知错误',
    'Script execution error': '系统出错', 'Oh no.': '出错了', 'Error running app. If this keeps happening, please contact support.':
      '系统出错。如果反复出现，请联系管理员。',
  };

  const kinds = { file: '文件', files: '文件', directory: '文件夹', directories: '文件夹', 'a file': '文件' };
  const PARTS = { year: '（年）', month: '（月）', day: '（日）', hour: '（时）', minute: '（分）' };
  const kind = (word) => kinds[word] || word;
  const PATTERNS = [
    [/^([\d.]+ ?[KMGT]?B) per file(?: • (.+))?$/, (m, size, types) => `每个文件不超过 ${size}${types ? ' · ' + types : ''}`],
    [/^Drag and drop (.+) here$/, (m, what) => `把${kind(what)}拖到这里`],
    [/^Upload or drag and drop (\S+?)( \(.+\))?$/, (m, what, types) => `上传或拖入${kind(what)}${types || ''}`],
    [/^Upload (files?|director(?:y|ies))$/, (m, what) => `上传${kind(what)}`],
    [/^(.+) files are not allowed\.$/, (m, type) => `不支持 ${type} 文件。`],
    [/^File must be (.+) or smaller\.$/, (m, size) => `文件不能超过 ${size}。`],
    [/^File is (larger|smaller) than (.+)$/, (m, how, size) => `文件${how === 'larger' ? '大' : '小'}于 ${size}`],
    [/^You can only select up to (\d+) options?\. Remove an option first\.$/, (m, n) => `最多选 ${n} 项，请先去掉一项。`],
    [/^Select (\d+) matches$/, (m, n) => `选择 ${n} 个匹配项`],
    [/^Add: (.+)$/, (m, what) => `新增：${what}`],
    [/^Remove (.+)$/, (m, what) => `移除 ${what}`],
    [/^(?:(year|month|day|hour|minute), )?(.+?) (start|end) date$/,
      (m, part, label, side) => `${label}${side === 'start' ? '开始' : '结束'}日期${part ? PARTS[part] : ''}`],
    [/^(year|month|day|hour|minute), (.+)$/, (m, part, label) => `${label}${PARTS[part]}`],
    [/^Page (\d+)$/, (m, n) => `第 ${n} 页`],
    [/^(\d+) results?$/, (m, n) => `${n} 个结果`],
    [/^(\d+) of (\d+) results?$/, (m, i, n) => `第 ${i} 个，共 ${n} 个结果`],
    [/^View (\d+) more$/, (m, n) => `再显示 ${n} 个`],
    [/^Value out of range: (.+)$/, (m, range) => `超出范围：${range}`],
    [/^Value must be (greater|less) than or equal to (.+)\.$/, (m, how, n) => `不能${how === 'less' ? '大' : '小'}于 ${n}。`],
    [/^(\d+) out of (\d+) stars$/, (m, n, all) => `${n} / ${all} 星`],
    [/^The page that you have requested does not seem to exist\..*$/, () => '您打开的页面不存在，已回到首页。'],
    [/^You have requested page .*, but no corresponding file was found.*$/, () => '您打开的页面不存在，已回到首页。'],
    [/^Is Streamlit still running\?.*$/, () => '服务器可能已停止，请联系管理员。'],
    [/^(.*)Date(?: and time)? set outside allowed range\.(.*)$/, () => '超出允许的日期范围，请重新选择。'],
  ];
  const ATTRIBUTES = ['aria-label', 'title', 'placeholder', 'alt'];
  const OURS = '[data-testid="stMarkdownContainer"], [data-testid="stText"], [data-testid="stHtml"], '
    + '[data-testid="stJson"], [data-testid="stCode"], [data-testid="stBidiComponentRegular"], textarea, script, style';
  const STREAMLITS = '[data-testid="stFileUploader"] section, [data-testid="stDialog"] [aria-label="dialog"] header';

  function translated(text) {
    const bare = text.trim();
    if (!bare || bare.length > 300 || !/[A-Za-z]/.test(bare)) return null;
    if (Object.hasOwn(WORDS, bare)) return text.replace(bare, WORDS[bare]);
    const found = PATTERNS.find(([pattern]) => pattern.test(bare));
    return found ? text.replace(bare, bare.replace(found[0], found[1])) : null;
  }

  function words(node) {
    const parent = node.parentElement;
    if (!parent || (parent.closest(OURS) && !parent.closest(STREAMLITS))) return;
    const text = translated(node.data);
    if (text !== null && text !== node.data) node.data = text;
  }

  function attributes(element) {
    for (const name of ATTRIBUTES) {
      const value = element.getAttribute(name);
      const text = value && translated(value);
      if (text && text !== value) element.setAttribute(name, text);
    }
  }

  function walk(root) {
    if (root.nodeType === Node.TEXT_NODE) return words(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    attributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) walker.currentNode.nodeType === Node.TEXT_NODE ? words(walker.currentNode) : attributes(walker.currentNode);
  }

  function changed(records) {
    for (const record of records) {
      if (record.type === 'childList') record.addedNodes.forEach(walk);
      else if (record.type === 'characterData') words(record.target);
      else attributes(record.target);
    }
  }

  new MutationObserver(changed).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
  if (document.body) walk(document.body);
})();
