@environment @cwe-636 @asvs-V13.4.2 @wstg-CONF-02
Feature: A shop with the wrong credentials does not open

  The cheapest moment to notice a blank secret or a test key is before the door opens. A shop that starts anyway fails
  later, quietly, and with somebody's money.

  @critical @defect-W02 @pci-6.2.4 @pci-6.5.3 @launched
  Scenario: Without the secret that proves events, the shop does not open
    When the shop is started with a blank webhook secret
    Then it refuses to start, and says in one sentence why

  @high @defect-W02 @defect-W03 @pci-6.2.4 @launched
  Scenario: A secret with a stray blank at its end is noticed at once
    When the shop is started with a padded webhook secret
    Then it refuses to start, and says in one sentence why

  @critical @defect-E01 @pci-6.5.3 @pci-6.5.6 @launched
  Scenario: A test key does not open a shop in production
    When the shop is started with a test key in production
    Then it refuses to start, and says in one sentence why

  @critical @defect-E01 @pci-6.5.3 @pci-6.5.5 @launched
  Scenario: A live key does not open a shop anywhere else
    When the shop is started with a live key outside production
    Then it refuses to start, and says in one sentence why

  @critical @defect-E01 @pci-6.5.3 @launched
  Scenario: Keys of different modes do not open a shop together
    When the shop is started with keys of different modes
    Then it refuses to start, and says in one sentence why

  @high @defect-E01 @pci-6.5.3 @pci-8.6.2 @launched
  Scenario: Without a key the shop does not open
    When the shop is started with no provider key
    Then it refuses to start, and says in one sentence why

  @high @defect-E03 @pci-6.5.3 @launched
  Scenario: Without its own address the shop does not open
    When the shop is started with no address of its own
    Then it refuses to start, and says in one sentence why

  @critical @defect-E04 @pci-8.6.2 @cwe-532 @cwe-209 @launched
  Scenario: A shop that refuses to start does not print its secrets
    When the shop is started with a test key in production
    Then what it says holds no secret
