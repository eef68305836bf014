import { TOPICS, type Backend } from '.';
import { commands, events, type ProblemView } from './bindings';
import { Problem } from './problem';

type Outcome<T> = { status: 'ok'; data: T } | { status: 'error'; error: ProblemView };

async function unwrap<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const result = await outcome;
  if (result.status === 'error') throw new Problem(result.error);
  return result.data;
}

/** Makes the backend that talks to the Rust side of the window. */
export function tauriBackend(): Backend {
  return {
    frame: () => unwrap(commands.frame()),
    setRelay: (url) => unwrap(commands.setRelay(url)),
    logIn: (corporationNumber, loginId, password, code) =>
      unwrap(commands.logIn(corporationNumber, loginId, password, code)),
    resetPassword: (corporationNumber, loginId, code, newPassword) =>
      unwrap(commands.resetPassword(corporationNumber, loginId, code, newPassword)),
    signOutElsewhere: () => unwrap(commands.signOutElsewhere()),
    setUpSecondFactor: () => unwrap(commands.setUpSecondFactor()),
    confirmSecondFactor: (code) => unwrap(commands.confirmSecondFactor(code)),
    endSecondFactor: (code) => unwrap(commands.endSecondFactor(code)),
    logins: () => unwrap(commands.logins()),
    issueResetCode: (loginId) => unwrap(commands.issueResetCode(loginId)),
    changePassword: (newPassword) => unwrap(commands.changePassword(newPassword)),
    logOut: () => unwrap(commands.logOut()),
    chooseFiles: () => unwrap(commands.chooseFiles()),
    checkFiles: (paths) => unwrap(commands.checkFiles(paths)),
    checking: () => unwrap(commands.checking()),
    stopChecking: () => unwrap(commands.stopChecking()),
    fileParts: (sha256) => unwrap(commands.fileParts(sha256)),
    claimSheet: (sha256, line) => unwrap(commands.claimSheet(sha256, line)),
    printFindings: (sha256) => unwrap(commands.printFindings(sha256)),
    exportFindings: (sha256) => unwrap(commands.exportFindings(sha256)),
    printSheet: (sha256, line) => unwrap(commands.printSheet(sha256, line)),
    compareWith: (sha256, earlier) => unwrap(commands.compareWith(sha256, earlier)),
    officeAreas: () => unwrap(commands.officeAreas()),
    setOfficeArea: (office, area, from) => unwrap(commands.setOfficeArea(office, area, from)),
    stage: (path, sha256) => unwrap(commands.stage(path, sha256)),
    submissions: () => unwrap(commands.submissions()),
    retry: (id) => unwrap(commands.retry(id)),
    sendAgain: (id) => unwrap(commands.sendAgain(id)),
    withdraw: (id) => unwrap(commands.withdraw(id)),
    cancel: (id) => unwrap(commands.cancel(id)),
    hide: (id, hidden) => unwrap(commands.hide(id, hidden)),
    receipt: (id) => unwrap(commands.receipt(id)),
    syncNow: () => unwrap(commands.syncNow()),
    importFiles: (paths) => unwrap(commands.importFiles(paths)),
    chooseImport: () => unwrap(commands.chooseImport()),
    notices: () => unwrap(commands.notices()),
    notice: (id) => unwrap(commands.notice(id)),
    chooseFolder: () => unwrap(commands.chooseFolder()),
    previewImport: (paths) => unwrap(commands.previewImport(paths)),
    importProgress: () => unwrap(commands.importProgress()),
    unfinishedImport: () => unwrap(commands.unfinishedImport()),
    forgetUnfinishedImport: async () => {
      await unwrap(commands.forgetUnfinishedImport());
    },
    worklist: (query, offset, count) => unwrap(commands.worklist(query, offset, count)),
    workItem: (id) => unwrap(commands.workItem(id)),
    decideReturns: (keys, choice) => unwrap(commands.decideReturns(keys, choice)),
    undoDecisions: (ids) => unwrap(commands.undoDecisions(ids)),
    setPerson: (name) => unwrap(commands.setPerson(name)),
    savedFilters: () => unwrap(commands.savedFilters()),
    saveFilter: (name, query) => unwrap(commands.saveFilter(name, query)),
    alarms: () => unwrap(commands.alarms()),
    saveWorklist: (query, form) => unwrap(commands.saveWorklist(query, form)),
    saveChecklist: (office, form) => unwrap(commands.saveChecklist(office, form)),
    saveCallSheets: (office) => unwrap(commands.saveCallSheets(office)),
    board: (figure) => unwrap(commands.board(figure)),
    officeMonth: (office, month) => unwrap(commands.officeMonth(office, month)),
    analysis: (office) => unwrap(commands.analysis(office)),
    withdrawalPaper: (key) => unwrap(commands.withdrawalPaper(key)),
    sentClaims: (query) => unwrap(commands.sentClaims(query)),
    setKagoDays: async (insurer, days) => void (await unwrap(commands.setKagoDays(insurer, days))),
    chooseStatement: (office) => unwrap(commands.chooseStatement(office)),
    deposits: (office) => unwrap(commands.deposits(office)),
    closeMonth: (office, month, stage) => unwrap(commands.closeMonth(office, month, stage)),
    reopenMonth: (office, month, reason) => unwrap(commands.reopenMonth(office, month, reason)),
    rollForward: (office, style) => unwrap(commands.rollForward(office, style)),
    exportList: (request) => unwrap(commands.exportList(request)),
    noticePaper: (id) => unwrap(commands.noticePaper(id)),
    saveOriginal: (id) => unwrap(commands.saveOriginal(id)),
    noticesNaming: (text) => unwrap(commands.noticesNaming(text)),
    markNoticesRead: async (ids) => void (await unwrap(commands.markNoticesRead(ids))),
    rescueKit: () => unwrap(commands.rescueKit()),
    handedInOnDisc: async (ids) => void (await unwrap(commands.handedInOnDisc(ids))),
    practice: () => unwrap(commands.practice()),
    beginPractice: async () => void (await unwrap(commands.beginPractice())),
    layPracticeFile: async (name) => void (await unwrap(commands.layPracticeFile(name))),
    endPractice: async () => void (await unwrap(commands.endPractice())),
    advanceDemo: (to) => unwrap(commands.advanceDemo(to)),
    switchAccount: (corporationNumber, loginId) => unwrap(commands.switchAccount(corporationNumber, loginId)),
    onboarding: () => unwrap(commands.onboarding()),
    saveOnboarding: (draft) => unwrap(commands.saveOnboarding(draft)),
    pasteOffices: (text) => unwrap(commands.pasteOffices(text)),
    fetchOperator: () => unwrap(commands.fetchOperator()),
    apply: () => unwrap(commands.apply()),
    withdrawApplication: () => unwrap(commands.withdrawApplication()),
    fetchLetters: () => unwrap(commands.fetchLetters()),
    powerOfAttorneyPapers: () => unwrap(commands.powerOfAttorneyPapers()),
    planPaper: () => unwrap(commands.planPaper()),
    planCalendar: () => unwrap(commands.planCalendar()),
    donePaper: () => unwrap(commands.donePaper()),
    sendTest: (office) => unwrap(commands.sendTest(office)),
    saveChange: (request) => unwrap(commands.saveChange(request)),
    pasteChangeOffices: (text) => unwrap(commands.pasteChangeOffices(text)),
    chooseSealedPhoto: (office) => unwrap(commands.chooseSealedPhoto(office)),
    sealedPhoto: (office) => unwrap(commands.sealedPhoto(office)),
    sealedPhotosPaper: () => unwrap(commands.sealedPhotosPaper()),
    enquiryPaper: (enquiry) => unwrap(commands.enquiryPaper(enquiry)),
    requestChange: (request) => unwrap(commands.requestChange(request)),
    preferences: () => unwrap(commands.preferences()),
    setPreferences: (wanted) => unwrap(commands.setPreferences(wanted)),
    setProxyPassword: async (password) => {
      await unwrap(commands.setProxyPassword(password));
    },
    chooseCompanyRoot: () => unwrap(commands.chooseCompanyRoot()),
    forgetCompanyRoot: () => unwrap(commands.forgetCompanyRoot()),
    watched: () => unwrap(commands.watched()),
    chooseWatchedFolder: () => unwrap(commands.chooseWatchedFolder()),
    forgetWatchedFolder: () => unwrap(commands.forgetWatchedFolder()),
    takeFound: () => unwrap(commands.takeFound()),
    recentFiles: () => unwrap(commands.recentFiles()),
    health: () => unwrap(commands.health()),
    supportFile: () => unwrap(commands.supportFile()),
    databaseCopies: () => unwrap(commands.databaseCopies()),
    newerVersion: () => unwrap(commands.newerVersion()),
    installUpdate: async () => {
      await unwrap(commands.installUpdate());
    },
    takeDropped: () => unwrap(commands.takeDropped()),
    onChanged(listener) {
      const listening = events.changed.listen((event) => {
        const topic = TOPICS.find((known) => known === event.payload.topic);
        if (topic) listener(topic);
      });
      return () => void listening.then((stop) => stop());
    },
  };
}
