import type { CheckView } from '$lib/backend';

/** Says in one sentence how a check went, as a colleague would. */
export function headline(check: CheckView): string {
  const count = (severity: string) => check.findings.filter((finding) => finding.severity === severity).length;
  if (check.persons_with_errors > 0) return `${check.persons}人中${check.persons_with_errors}人に直すところがあります`;
  if (count('error') > 0) return 'ファイル全体に直すところがあります';
  if (count('warning') > 0) return `送れますが、確かめてほしいところが${count('warning')}件あります`;
  return '直すところはありません';
}
