@payments @pci-6.2.4 @cwe-841 @asvs-V2.3.1 @wstg-BUSL-06
Feature: The bank's check stands between the card and the goods

  Strong customer authentication sends the shopper to the bank in the middle of the payment. Until the bank has answered
  the payment is neither made nor refused, and a shop that takes it for either loses goods or loses sales.

  @critical @defect-B06
  Scenario Outline: Passing the bank's check with <card> completes the payment
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    And the shopper passes the bank's check
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | card                                                    |
      | a card that needs the bank's check                      |
      | a card that needs the bank's check on every payment     |
      | a card that needs the bank's check unless it is saved   |

  @high @defect-B06
  Scenario Outline: <card> pays without a check
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order is paid
    And the order is fulfilled once

    Examples:
      | card                                     |
      | a card whose bank's check is optional    |
      | a card that knows no bank's check        |

  @critical @defect-B06 @defect-F01
  Scenario: While the bank waits for the shopper, the order is neither paid nor lost
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    Then the shopper is asked to pass the bank's check
    And the order stays unpaid
    And nothing is fulfilled

  @high @defect-B06
  Scenario: Failing the bank's check pays for nothing
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper fails the bank's check
    Then the shopper is told that the bank's check failed
    And the order stays unpaid
    And nothing is fulfilled

  @high @defect-B06 @defect-R04
  Scenario: After a failed check another card pays
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper fails the bank's check
    And the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once

  @high @defect-B06 @defect-F09 @simulator-only
  Scenario: Walking away from the bank's check pays for nothing
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper abandons the bank's check
    And the shopper comes back to the shop
    And 1 days pass
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-B06 @defect-R10
  Scenario: Whoever walked away from the check can come back and pay with another card
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper abandons the bank's check
    And the shopper pays with a Visa card
    Then the order is paid
    And the provider has 49.99 EUR captured

  @high @defect-B06
  Scenario Outline: Passing the check is not yet paying (<card>)
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    And the shopper passes the bank's check
    Then the shopper is told that <message>
    And the order stays unpaid
    And nothing is fulfilled

    Examples:
      | card                                                                    | message                  |
      | a card that needs the bank's check and lacks funds                      | the card lacks the funds |
      | a card that needs the bank's check and is then declined                 | the card was declined    |

  @critical @defect-B06 @defect-W20
  Scenario: The shopper closes the window right after the bank's check
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that needs the bank's check
    And the shopper passes the bank's check
    And the "payment succeeded" event arrives again
    Then the order is paid
    And the order is fulfilled once
